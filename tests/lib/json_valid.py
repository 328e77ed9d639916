#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""json_valid.py SCHEMA DOCUMENT: prints what the schema (draft 7) says against the document; exits 0 when it says nothing."""
import json
import sys
import jsonschema

schema, document = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:3])
jsonschema.Draft7Validator.check_schema(schema)
errors = list(jsonschema.Draft7Validator(schema).iter_errors(document))
for error in errors[:5]:
    print(list(error.path), error.message[:300])
sys.exit(bool(errors))
