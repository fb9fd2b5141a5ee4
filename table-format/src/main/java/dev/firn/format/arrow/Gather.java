package dev.firn.format.arrow;

import java.util.List;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.arrow.memory.BufferAllocator;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseFixedWidthVector;
import org.apache.arrow.vector.BaseVariableWidthVector;
import org.apache.arrow.vector.BitVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.NullVector;
import org.apache.arrow.vector.complex.ListVector;
import org.apache.arrow.vector.complex.StructVector;
import org.apache.arrow.vector.ipc.message.ArrowFieldNode;

/**
 * The gather of each vector layout. Addresses are read without bounds checks: picks were proven to
 * lie within their sources, whose buffers hold their value count. Stateless.
 */
final class Gather {
  private static final long ROW = 0xffffffffL;

  private Gather() {}

  static FieldVector take(FieldVector[] sources, Picks picks, BufferAllocator into) {
    FieldVector target = sources[0].getField().createVector(into);
    boolean done = false;
    try {
      fill(target, sources, picks, into);
      done = true;
      return target;
    } finally {
      if (!done) {
        target.close();
      }
    }
  }

  private static void fill(
      FieldVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    if (target instanceof NullVector none) {
      none.setValueCount(picks.count());
    } else if (target instanceof BitVector) {
      bits(target, sources, picks, into);
    } else if (target instanceof BaseFixedWidthVector fixed) {
      fixed(fixed, sources, picks, into);
    } else if (target instanceof BaseVariableWidthVector) {
      variable(target, sources, picks, into);
    } else if (target instanceof StructVector) {
      structs(target, sources, picks, into);
    } else if (target instanceof ListVector) {
      lists(target, sources, picks, into);
    } else {
      oneByOne(target, sources, picks);
    }
  }

  /** Layouts that no table column has: correct, not fast. */
  private static void oneByOne(FieldVector target, FieldVector[] sources, Picks picks) {
    target.setInitialCapacity(picks.count());
    target.allocateNew();
    for (int i = 0; i < picks.count(); i++) {
      long pick = picks.rows()[picks.from() + i];
      target.copyFromSafe((int) pick, i, sources[(int) (pick >>> 32)]);
    }
    target.setValueCount(picks.count());
  }

  private static void load(FieldVector target, Validity validity, Picks picks, ArrowBuf... more) {
    ArrowBuf[] all = new ArrowBuf[more.length + 1];
    all[0] = validity.bits();
    System.arraycopy(more, 0, all, 1, more.length);
    target.loadFieldBuffers(new ArrowFieldNode(picks.count(), validity.nullCount()), List.of(all));
  }

  /** A validity bitmap and how many of its bits are zero. */
  private record Validity(ArrowBuf bits, int nullCount) implements AutoCloseable {
    @Override
    public void close() {
      bits.close();
    }
  }

  private static Validity validity(FieldVector[] sources, Picks picks, BufferAllocator into) {
    int nulls = 0;
    for (FieldVector source : sources) {
      nulls |= source.getNullCount();
    }
    ArrowBuf bits = into.buffer(bytesOfBits(picks.count()));
    if (nulls == 0) {
      bits.setOne(0, bits.capacity());
      return new Validity(bits, 0);
    }
    int set = gatherBits(addresses(sources, Buffer.VALIDITY), picks, bits.memoryAddress());
    return new Validity(bits, picks.count() - set);
  }

  private static long bytesOfBits(int count) {
    return (count + 7L) / 8;
  }

  private enum Buffer {
    VALIDITY,
    OFFSETS,
    DATA
  }

  private static long[] addresses(FieldVector[] sources, Buffer buffer) {
    long[] addresses = new long[sources.length];
    for (int i = 0; i < addresses.length; i++) {
      addresses[i] =
          switch (buffer) {
            case VALIDITY -> sources[i].getValidityBuffer().memoryAddress();
            case OFFSETS -> sources[i].getOffsetBuffer().memoryAddress();
            case DATA -> sources[i].getDataBuffer().memoryAddress();
          };
    }
    return addresses;
  }

  /** Returns how many of the bits are set. */
  private static int gatherBits(long[] from, Picks picks, long to) {
    long[] rows = picks.rows();
    int set = 0;
    for (int done = 0; done < picks.count(); done += 8) {
      int octet = 0;
      int width = Math.min(8, picks.count() - done);
      for (int bit = 0; bit < width; bit++) {
        long pick = rows[picks.from() + done + bit];
        long row = pick & ROW;
        int value = (MemoryUtil.getByte(from[(int) (pick >>> 32)] + (row >>> 3)) >>> (row & 7)) & 1;
        octet |= value << bit;
      }
      set += Integer.bitCount(octet);
      MemoryUtil.putByte(to + (done >>> 3), (byte) octet);
    }
    return set;
  }

  private static void bits(
      FieldVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    try (Validity validity = validity(sources, picks, into);
        ArrowBuf data = into.buffer(bytesOfBits(picks.count()))) {
      gatherBits(addresses(sources, Buffer.DATA), picks, data.memoryAddress());
      load(target, validity, picks, data);
    }
  }

  private static void fixed(
      BaseFixedWidthVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    int width = target.getTypeWidth();
    try (Validity validity = validity(sources, picks, into);
        ArrowBuf data = into.buffer((long) width * picks.count())) {
      long[] from = addresses(sources, Buffer.DATA);
      switch (width) {
        case 4 -> ints(from, picks, data.memoryAddress());
        case 8 -> longs(from, picks, data.memoryAddress());
        case 16 -> pairs(from, picks, data.memoryAddress());
        default -> wide(from, picks, data.memoryAddress(), width);
      }
      load(target, validity, picks, data);
    }
  }

  private static void ints(long[] from, Picks picks, long to) {
    long[] rows = picks.rows();
    int first = picks.from();
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      MemoryUtil.putInt(
          to + 4L * i, MemoryUtil.getInt(from[(int) (pick >>> 32)] + 4 * (pick & ROW)));
    }
  }

  private static void longs(long[] from, Picks picks, long to) {
    long[] rows = picks.rows();
    int first = picks.from();
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      MemoryUtil.putLong(
          to + 8L * i, MemoryUtil.getLong(from[(int) (pick >>> 32)] + 8 * (pick & ROW)));
    }
  }

  private static void pairs(long[] from, Picks picks, long to) {
    long[] rows = picks.rows();
    int first = picks.from();
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      long address = from[(int) (pick >>> 32)] + 16 * (pick & ROW);
      MemoryUtil.putLong(to + 16L * i, MemoryUtil.getLong(address));
      MemoryUtil.putLong(to + 16L * i + 8, MemoryUtil.getLong(address + 8));
    }
  }

  private static void wide(long[] from, Picks picks, long to, int width) {
    long[] rows = picks.rows();
    int first = picks.from();
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      long address = from[(int) (pick >>> 32)] + width * (pick & ROW);
      MemoryUtil.copyMemory(address, to + (long) width * i, width);
    }
  }

  private static void variable(
      FieldVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    long[] offsets = addresses(sources, Buffer.OFFSETS);
    try (Validity validity = validity(sources, picks, into);
        ArrowBuf ends = into.buffer(4L * (picks.count() + 1))) {
      long total = gatherOffsets(offsets, picks, ends.memoryAddress());
      try (ArrowBuf data = into.buffer(total)) {
        copyBytes(offsets, addresses(sources, Buffer.DATA), picks, data.memoryAddress());
        load(target, validity, picks, ends, data);
      }
    }
  }

  /** Writes the offsets of the gathered values; returns their total length. */
  private static long gatherOffsets(long[] offsets, Picks picks, long to) {
    long[] rows = picks.rows();
    int first = picks.from();
    long end = 0;
    MemoryUtil.putInt(to, 0);
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      long address = offsets[(int) (pick >>> 32)] + 4 * (pick & ROW);
      end += MemoryUtil.getInt(address + 4) - MemoryUtil.getInt(address);
      MemoryUtil.putInt(to + 4L * (i + 1), (int) end);
    }
    // Wrapped offsets are never read: the buffer of that size is refused here.
    return Math.toIntExact(end);
  }

  private static void copyBytes(long[] offsets, long[] data, Picks picks, long to) {
    long[] rows = picks.rows();
    int first = picks.from();
    long at = to;
    for (int i = 0; i < picks.count(); i++) {
      long pick = rows[first + i];
      int source = (int) (pick >>> 32);
      long address = offsets[source] + 4 * (pick & ROW);
      int start = MemoryUtil.getInt(address);
      int length = MemoryUtil.getInt(address + 4) - start;
      MemoryUtil.copyMemory(data[source] + start, at, length);
      at += length;
    }
  }

  private static void structs(
      FieldVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    try (Validity validity = validity(sources, picks, into)) {
      load(target, validity, picks);
    }
    List<FieldVector> children = target.getChildrenFromFields();
    for (int c = 0; c < children.size(); c++) {
      fill(children.get(c), children(sources, c), picks, into);
    }
  }

  private static FieldVector[] children(FieldVector[] sources, int child) {
    FieldVector[] children = new FieldVector[sources.length];
    for (int i = 0; i < children.length; i++) {
      children[i] = sources[i].getChildrenFromFields().get(child);
    }
    return children;
  }

  private static void lists(
      FieldVector target, FieldVector[] sources, Picks picks, BufferAllocator into) {
    long[] offsets = addresses(sources, Buffer.OFFSETS);
    long[] elements;
    try (Validity validity = validity(sources, picks, into);
        ArrowBuf ends = into.buffer(4L * (picks.count() + 1))) {
      int total = (int) gatherOffsets(offsets, picks, ends.memoryAddress());
      elements = elements(offsets, picks, total);
      load(target, validity, picks, ends);
    }
    FieldVector[] data = children(sources, 0);
    Picks inner = Picks.of(elements, 0, elements.length);
    int[] counts = new int[data.length];
    for (int i = 0; i < counts.length; i++) {
      counts[i] = data[i].getValueCount();
    }
    inner.check(counts);
    fill(target.getChildrenFromFields().get(0), data, inner, into);
  }

  private static long[] elements(long[] offsets, Picks picks, int total) {
    long[] elements = new long[total];
    int next = 0;
    for (int i = 0; i < picks.count(); i++) {
      long pick = picks.rows()[picks.from() + i];
      long address = offsets[(int) (pick >>> 32)] + 4 * (pick & ROW);
      int end = MemoryUtil.getInt(address + 4);
      for (int e = MemoryUtil.getInt(address); e < end; e++) {
        elements[next++] = (pick & ~ROW) | e;
      }
    }
    return elements;
  }
}
