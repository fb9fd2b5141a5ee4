package dev.firn.scan.plan;

/** A cursor over Avro's binary encoding in memory. */
final class AvroInput {
  private byte[] bytes = new byte[0];
  private int position;
  private int end;

  void reset(byte[] buffer, int from, int to) {
    bytes = buffer;
    position = from;
    end = to;
  }

  byte[] buffer() {
    return bytes;
  }

  int position() {
    return position;
  }

  boolean atEnd() {
    return position == end;
  }

  int readInt() {
    return (int) readLong();
  }

  long readLong() {
    int at = position;
    if (at < end && bytes[at] >= 0) {
      position = at + 1;
      long one = bytes[at];
      return (one >>> 1) ^ -(one & 1);
    }
    return readLonger(at);
  }

  private long readLonger(int from) {
    int at = from;
    long value = 0;
    for (int shift = 0; shift < 70; shift += 7) {
      if (at >= end) {
        throw new DamagedManifestException("a number runs over the end of its block");
      }
      byte b = bytes[at++];
      value |= (long) (b & 0x7f) << shift;
      if (b >= 0) {
        position = at;
        return (value >>> 1) ^ -(value & 1);
      }
    }
    throw new DamagedManifestException("a number has more than ten bytes");
  }

  /** Moves over so many bytes, and returns where they begin. */
  int skip(long count) {
    if (count < 0 || count > end - position) {
      throw new DamagedManifestException(
          "a value of " + count + " bytes runs over the end of its block");
    }
    int start = position;
    position += (int) count;
    return start;
  }

  /** Moves over a string or bytes, and returns its {@link BytesColumn#slice}. */
  long readSlice() {
    long length = readLong();
    return BytesColumn.slice(skip(length), (int) length);
  }

  boolean readBoolean() {
    return bytes[skip(1)] != 0;
  }

  /** A number of so many bytes, little end first. */
  long readFixed(int count) {
    int start = skip(count);
    long value = 0;
    for (int i = count - 1; i >= 0; i--) {
      value = (value << 8) | (bytes[start + i] & 0xff);
    }
    return value;
  }

  /** How many items the next block of an array or map has; 0 at its end. */
  long readBlock() {
    long count = readLong();
    if (count < 0) {
      // The block's size follows, for those who skip it.
      long unused = readLong();
      return -count;
    }
    return count;
  }
}
