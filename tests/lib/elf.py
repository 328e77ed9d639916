# SPDX-License-Identifier: GPL-2.0-or-later
"""Just enough of ELF64, little endian, to change one thing in a file: where sections and symbols lie."""
import struct


class Elf:
    def __init__(self, path):
        self.path = path
        self.data = bytearray(path.read_bytes())
        assert self.data[:6] == b"\x7fELF\x02\x01", f"{path} is not a 64-bit little-endian ELF file"
        offset, = struct.unpack_from("<Q", self.data, 0x28)
        size, count, names = struct.unpack_from("<HHH", self.data, 0x3a)
        heads = [struct.unpack_from("<IIQQQQIIQQ", self.data, offset + i * size) for i in range(count)]
        self.sections = [(self._name(heads[names][4] + h[0]), h[4], h[5], h[6]) for h in heads]

    def _name(self, at):
        return self.data[at:self.data.index(0, at)].decode()

    def section(self, name):
        """Offset and size in the file, and what it is linked to."""
        return next(s[1:] for s in self.sections if s[0] == name)

    def symbol(self, name):
        """Where the symbol's name, its entry and its bytes begin in the file, and its size."""
        table, size, link = self.section(".symtab")
        strings = self.sections[link][1]
        for at in range(table, table + size, 24):
            st_name, _, _, index, value, length = struct.unpack_from("<IBBHQQ", self.data, at)
            if st_name and 0 < index < 0xff00 and self._name(strings + st_name) == name:
                return strings + st_name, at, self.sections[index][1] + value, length
        raise KeyError(f"{self.path}: no symbol {name}")

    def replace(self, old, new):
        """The only occurrence of some bytes."""
        assert len(old) == len(new) and self.data.count(old) == 1, (self.path, old, self.data.count(old))
        at = self.data.index(old)
        self.data[at:at + len(new)] = new

    def save(self):
        """In a new file: other names of the old one keep its contents."""
        self.path.unlink()
        self.path.write_bytes(self.data)
