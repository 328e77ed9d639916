# SPDX-License-Identifier: GPL-2.0-or-later
# To Debian/Debhelper/Sequence/ in Perl's path: "dh $@ --with hvcompat", or Build-Depends: dh-sequence-hvcompat.
use warnings;
use strict;
use Debian::Debhelper::Dh_Lib;

insert_after("dh_gencontrol", "dh_hvcompat");

1;
