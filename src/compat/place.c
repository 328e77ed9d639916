/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "compat/place.h"

#include <yaml.h>

struct places {
	yaml_document_t document;
	bool loaded;
};

static struct position position(yaml_mark_t mark)
{
	return (struct position){ .line = mark.line + 1, .column = mark.column + 1 };
}

struct places *places_new(const uint8_t *bytes, size_t n)
{
	struct places *p = xcalloc(1, sizeof(*p));
	yaml_parser_t parser;

	if (!yaml_parser_initialize(&parser))
		return p;
	yaml_parser_set_input_string(&parser, bytes, n);
	p->loaded = yaml_parser_load(&parser, &p->document) != 0;
	yaml_parser_delete(&parser);
	return p;
}

struct places *places_free(struct places *p)
{
	if (p && p->loaded)
		yaml_document_delete(&p->document);
	free(p);
	return NULL;
}

static yaml_node_t *node_in_list(yaml_document_t *d, yaml_node_t *node, unsigned index, yaml_mark_t *mark)
{
	yaml_node_item_t *item;
	yaml_node_t *child;

	if (!node || node->type != YAML_SEQUENCE_NODE)
		return NULL;
	item = node->data.sequence.items.start;
	if (index >= (size_t)(node->data.sequence.items.top - item))
		return NULL;
	child = yaml_document_get_node(d, item[index]);
	if (child)
		*mark = child->start_mark;
	return child;
}

static yaml_node_t *node_by_key(yaml_document_t *d, yaml_node_t *node, const char *name, yaml_mark_t *mark)
{
	if (!node || node->type != YAML_MAPPING_NODE)
		return NULL;
	for (yaml_node_pair_t *pair = node->data.mapping.pairs.start; pair < node->data.mapping.pairs.top;
	     pair++) {
		yaml_node_t *key = yaml_document_get_node(d, pair->key);

		if (!key || key->type != YAML_SCALAR_NODE || !streq((char *)key->data.scalar.value, name))
			continue;
		*mark = key->start_mark;
		return yaml_document_get_node(d, pair->value);
	}
	return NULL;
}

/* Follows the steps from the top; ways are short, so recursion is. */
static yaml_node_t *walk(yaml_document_t *d, const struct step *way, yaml_mark_t *mark)
{
	yaml_node_t *node;

	if (!way) {
		node = yaml_document_get_root_node(d);
		if (node)
			*mark = node->start_mark;
		return node;
	}
	node = walk(d, way->up, mark);
	return way->key ? node_by_key(d, node, way->key, mark) : node_in_list(d, node, way->index, mark);
}

struct position places_find(const struct places *p, const struct step *way)
{
	yaml_mark_t mark = { 0 };

	if (p->loaded)
		walk((yaml_document_t *)&p->document, way, &mark);
	return position(mark);
}

/* Where the collections begin that are open. Deeper ones than this are refused elsewhere, and shown by their
 * parent. */
struct open_marks {
	yaml_mark_t marks[64];
	unsigned depth;
};

static yaml_mark_t follow(struct open_marks *open, const yaml_event_t *event)
{
	yaml_mark_t mark = event->start_mark;

	switch (event->type) {
	case YAML_MAPPING_START_EVENT:
	case YAML_SEQUENCE_START_EVENT:
		if (open->depth < ARRAY_SIZE(open->marks))
			open->marks[open->depth] = mark;
		open->depth++;
		break;
	case YAML_MAPPING_END_EVENT:
	case YAML_SEQUENCE_END_EVENT:
		if (open->depth > 0 && --open->depth < ARRAY_SIZE(open->marks))
			mark = open->marks[open->depth];
		break;
	default:
		break;
	}
	return mark;
}

static struct position seek_event(yaml_parser_t *parser, unsigned n, const char **ret_problem)
{
	struct open_marks open = { 0 };
	yaml_mark_t mark = { 0 };

	for (unsigned i = 0; i <= n; i++) {
		yaml_event_t event;
		yaml_event_type_t type;

		if (!yaml_parser_parse(parser, &event)) {
			*ret_problem = parser->problem;
			return position(parser->problem_mark.line || parser->problem_mark.column
						? parser->problem_mark
						: parser->mark);
		}
		type = event.type;
		/* The one behind the n-th is looked at only to see whether the stream goes wrong there. */
		if (i < n || type == YAML_ALIAS_EVENT)
			mark = follow(&open, &event);
		yaml_event_delete(&event);
		if (type == YAML_ALIAS_EVENT || type == YAML_STREAM_END_EVENT)
			break;
	}
	return position(mark);
}

struct position place_of_event(const uint8_t *bytes, size_t size, unsigned n, const char **ret_problem)
{
	yaml_parser_t parser;
	struct position p;

	*ret_problem = NULL;
	if (!yaml_parser_initialize(&parser))
		return (struct position){ 1, 1 };
	yaml_parser_set_input_string(&parser, bytes, size);
	p = seek_event(&parser, n, ret_problem);
	yaml_parser_delete(&parser);
	return p;
}
