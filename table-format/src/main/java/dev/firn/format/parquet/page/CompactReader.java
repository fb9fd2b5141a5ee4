package dev.firn.format.parquet.page;

import org.apache.arrow.memory.util.MemoryUtil;

/**
 * Thrift's compact protocol over native memory: a cursor that reads what a page header has and
 * skips everything else. Never reads past its end; the work and the depth of a skip are bounded by
 * the bytes there are.
 *
 * @see <a
 *     href="https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md">Specification</a>
 */
final class CompactReader {
  static final int STOP = 0;
  static final int TRUE = 1;
  static final int FALSE = 2;
  static final int I32 = 5;
  static final int STRUCT = 12;

  private static final int BYTE = 3;
  private static final int I16 = 4;
  private static final int I64 = 6;
  private static final int DOUBLE = 7;
  private static final int BINARY = 8;
  private static final int LIST = 9;
  private static final int SET = 10;
  private static final int MAP = 11;
  private static final int MAX_DEPTH = 16;

  private long position;
  private long end;
  private int fieldId;

  void start(long from, long to) {
    position = from;
    end = to;
    fieldId = 0;
  }

  long position() {
    return position;
  }

  /** Id of the field that {@link #nextField()} found last. */
  int fieldId() {
    return fieldId;
  }

  /** Moves into a struct that is a field's value; returns what {@link #leave} wants. */
  int enter() {
    int outer = fieldId;
    fieldId = 0;
    return outer;
  }

  void leave(int outer) {
    fieldId = outer;
  }

  /** Returns the type of the struct's next field, {@link #STOP} at its end. */
  int nextField() {
    int head = readByte() & 0xff;
    if (head == STOP) {
      return STOP;
    }
    int delta = head >>> 4;
    fieldId = delta == 0 ? readI32() : fieldId + delta;
    return head & 0xf;
  }

  /** A 32-bit number in zigzag form; a longer one is a fault. */
  int readI32() {
    long raw = readVarint();
    if (raw >>> 32 != 0) {
      throw new CorruptPageException("a number of the page header has more than 32 bits");
    }
    return (int) (raw >>> 1) ^ -(int) (raw & 1);
  }

  void skip(int type) {
    skip(type, 0);
  }

  private void skip(int type, int depth) {
    if (depth > MAX_DEPTH) {
      throw new CorruptPageException("the page header is nested deeper than " + MAX_DEPTH);
    }
    switch (type) {
      case TRUE, FALSE -> {}
      case BYTE -> advance(1);
      case I16, I32, I64 -> readVarint();
      case DOUBLE -> advance(8);
      case BINARY -> advance(readVarint());
      case LIST, SET -> skipList(depth);
      case MAP -> skipMap(depth);
      case STRUCT -> skipStruct(depth);
      default ->
          throw new CorruptPageException("the page header has a field of unknown type " + type);
    }
  }

  private void skipStruct(int depth) {
    int outer = enter();
    for (int type = nextField(); type != STOP; type = nextField()) {
      skip(type, depth + 1);
    }
    leave(outer);
  }

  private void skipList(int depth) {
    int head = readByte() & 0xff;
    int size = head >>> 4;
    skipElements(size == 15 ? readVarint() : size, head & 0xf, depth);
  }

  private void skipMap(int depth) {
    long size = readVarint();
    if (size == 0) {
      return;
    }
    checkSize(size);
    int types = readByte() & 0xff;
    for (long i = 0; i < size; i++) {
      skipElements(1, types >>> 4, depth);
      skipElements(1, types & 0xf, depth);
    }
  }

  private void skipElements(long size, int type, int depth) {
    checkSize(size);
    for (long i = 0; i < size; i++) {
      if (type == TRUE || type == FALSE) {
        advance(1); // only as an element a boolean has a byte of its own
      } else {
        skip(type, depth + 1);
      }
    }
  }

  // each element takes a byte or more
  private void checkSize(long size) {
    if (size < 0 || size > end - position) {
      throw new CorruptPageException(
          "the page header has a list of %d elements in %d bytes".formatted(size, end - position));
    }
  }

  private long readVarint() {
    long value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      byte next = readByte();
      value |= (next & 0x7fL) << shift;
      if (next >= 0) {
        return value;
      }
    }
    throw new CorruptPageException("a number of the page header has more than 10 bytes");
  }

  private byte readByte() {
    if (position >= end) {
      throw new CorruptPageException("the page header is cut off");
    }
    return MemoryUtil.getByte(position++);
  }

  private void advance(long bytes) {
    if (bytes < 0 || bytes > end - position) {
      throw new CorruptPageException("the page header is cut off");
    }
    position += bytes;
  }
}
