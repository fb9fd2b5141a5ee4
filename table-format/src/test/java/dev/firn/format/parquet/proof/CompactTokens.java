package dev.firn.format.parquet.proof;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A structure of Thrift's compact protocol as its tokens, in order, without knowing what it is: so
 * that one field of a footer or page header can be made a lie while the rest still parses.
 */
final class CompactTokens {
  private static final long[] HOSTILE = {
    0,
    1,
    -1,
    2,
    7,
    100,
    127,
    128,
    65_536,
    1 << 24,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Integer.MAX_VALUE - 8L,
    1L << 32,
    (1L << 32) + 4,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private enum Kind {
    /** A field's or an empty list's header, a byte or a boolean: any bytes as they are. */
    RAW,
    /** An integer in zigzag form. */
    INTEGER,
    /** A list's header. */
    LIST,
    /** A length and that many bytes. */
    BINARY
  }

  private record Token(Kind kind, long number, byte[] bytes) {}

  private final byte[] source;
  private final List<Token> tokens = new ArrayList<>();
  private int at;

  private CompactTokens(byte[] source) {
    this.source = source;
    struct();
  }

  /** The structure that {@code bytes} start with. */
  static CompactTokens parse(byte[] bytes) {
    return new CompactTokens(bytes);
  }

  /** The structure, unchanged but for the form of its lists' headers. */
  byte[] bytes() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    tokens.forEach(token -> write(token, out));
    return out.toByteArray();
  }

  /** The structure with one token changed; {@code what} is told what was done. */
  byte[] damaged(Random random, StringBuilder what) {
    int index = random.nextInt(tokens.size());
    Token token = tokens.get(index);
    what.append(" token ")
        .append(index)
        .append(' ')
        .append(token.kind)
        .append(' ')
        .append(token.number);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (int i = 0; i < tokens.size(); i++) {
      if (i == index) {
        write(damaged(token, random, what), out);
      } else {
        write(tokens.get(i), out);
      }
    }
    return out.toByteArray();
  }

  private static Token damaged(Token token, Random random, StringBuilder what) {
    return switch (token.kind) {
      case INTEGER, LIST -> {
        long lie =
            switch (random.nextInt(3)) {
              case 0 -> token.number + random.nextInt(5) - 2;
              case 1 -> random.nextInt(64);
              default -> HOSTILE[random.nextInt(HOSTILE.length)];
            };
        what.append(" := ").append(lie);
        yield new Token(token.kind, lie, token.bytes);
      }
      case BINARY -> {
        byte[] bytes = new byte[random.nextInt(3) == 0 ? 0 : token.bytes.length];
        random.nextBytes(bytes);
        // Sometimes the length alone is the lie.
        long length =
            random.nextInt(4) == 0 ? HOSTILE[random.nextInt(HOSTILE.length)] : bytes.length;
        what.append(" := ").append(bytes.length).append(" bytes said to be ").append(length);
        yield new Token(token.kind, length, bytes);
      }
      case RAW -> {
        byte[] bytes = token.bytes.clone();
        int bit = random.nextInt(8);
        bytes[random.nextInt(bytes.length)] ^= (byte) (1 << bit);
        what.append(" bit ").append(bit);
        yield new Token(token.kind, token.number, bytes);
      }
    };
  }

  private static void write(Token token, ByteArrayOutputStream out) {
    switch (token.kind) {
      case RAW -> out.writeBytes(token.bytes);
      case INTEGER -> varint(token.number << 1 ^ token.number >> 63, out);
      case BINARY -> {
        varint(token.number, out);
        out.writeBytes(token.bytes);
      }
      case LIST -> {
        out.write(0xf0 | token.bytes[0] & 0x0f);
        varint(token.number, out);
      }
    }
  }

  private static void varint(long value, ByteArrayOutputStream out) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  private int next() {
    return source[at++] & 0xff;
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; ; shift += 7) {
      int b = next();
      value |= (long) (b & 0x7f) << shift;
      if (b < 128) {
        return value;
      }
    }
  }

  private void raw(int from) {
    byte[] bytes = java.util.Arrays.copyOfRange(source, from, at);
    tokens.add(new Token(Kind.RAW, bytes[0], bytes));
  }

  private void struct() {
    while (true) {
      int from = at;
      int header = next();
      if (header != 0 && header >>> 4 == 0) {
        varint();
      }
      raw(from);
      if (header == 0) {
        return;
      }
      value(header & 0x0f, true);
    }
  }

  private void value(int type, boolean ofField) {
    int from = at;
    switch (type) {
      case 1, 2 -> {
        if (!ofField) {
          at++;
          raw(from);
        }
      }
      case 3 -> {
        at++;
        raw(from);
      }
      case 4, 5, 6 -> {
        long zigzag = varint();
        tokens.add(new Token(Kind.INTEGER, zigzag >>> 1 ^ -(zigzag & 1), null));
      }
      case 7 -> {
        at += 8;
        raw(from);
      }
      case 8 -> binary();
      case 9, 10 -> list();
      case 12 -> struct();
      default -> throw new IllegalStateException("No structure of Parquet has type " + type);
    }
  }

  private void binary() {
    int length = (int) varint();
    at += length;
    tokens.add(
        new Token(Kind.BINARY, length, java.util.Arrays.copyOfRange(source, at - length, at)));
  }

  private void list() {
    int header = next();
    long count = header >>> 4 == 15 ? varint() : header >>> 4;
    tokens.add(new Token(Kind.LIST, count, new byte[] {(byte) header}));
    for (long i = 0; i < count; i++) {
      value(header & 0x0f, false);
    }
  }
}
