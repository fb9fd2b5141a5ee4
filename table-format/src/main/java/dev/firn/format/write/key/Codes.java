package dev.firn.format.write.key;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.arrow.memory.util.MemoryUtil;

/** Small dense numbers for values, in order of first sight. Confined to one thread. */
final class Codes {
  private long[] keys = new long[64];
  // Codes plus one; zero is a free slot.
  private int[] codes = new int[64];
  private final List<byte[]> contents = new ArrayList<>();
  private int size;

  int size() {
    return size;
  }

  /** The code of a number. */
  int of(long key) {
    int slot = slot(key);
    while (codes[slot] != 0) {
      if (keys[slot] == key) {
        return codes[slot] - 1;
      }
      slot = (slot + 1) & (codes.length - 1);
    }
    return add(slot, key);
  }

  /** The code of a byte string; not to be mixed with numbers. */
  int of(long address, int length) {
    long hash = ((long) Murmur.hash(address, length) << 32) | length;
    int slot = slot(hash);
    while (codes[slot] != 0) {
      if (keys[slot] == hash && same(contents.get(codes[slot] - 1), address)) {
        return codes[slot] - 1;
      }
      slot = (slot + 1) & (codes.length - 1);
    }
    byte[] content = new byte[length];
    MemoryUtil.copyFromMemory(address, content, 0, length);
    contents.add(content);
    return add(slot, hash);
  }

  private static boolean same(byte[] content, long address) {
    for (int i = 0; i < content.length; i++) {
      if (content[i] != MemoryUtil.getByte(address + i)) {
        return false;
      }
    }
    return true;
  }

  private int slot(long key) {
    return (int) ((key * 0x9e3779b97f4a7c15L) >>> 32) & (codes.length - 1);
  }

  private int add(int slot, long key) {
    keys[slot] = key;
    codes[slot] = ++size;
    int code = size - 1;
    if (size * 2 > codes.length) {
      grow();
    }
    return code;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldCodes = codes;
    keys = new long[oldKeys.length * 2];
    codes = new int[oldCodes.length * 2];
    Arrays.fill(codes, 0);
    for (int i = 0; i < oldCodes.length; i++) {
      if (oldCodes[i] == 0) {
        continue;
      }
      int slot = slot(oldKeys[i]);
      while (codes[slot] != 0) {
        slot = (slot + 1) & (codes.length - 1);
      }
      keys[slot] = oldKeys[i];
      codes[slot] = oldCodes[i];
    }
  }
}
