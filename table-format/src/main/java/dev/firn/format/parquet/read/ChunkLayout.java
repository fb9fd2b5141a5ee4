package dev.firn.format.parquet.read;

import dev.firn.storage.ByteRange;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.arrow.memory.ArrowBuf;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;

/**
 * Where the bytes of column chunks come to lie in memory: each chunk in one piece, without the wide
 * gaps between them. A builder. Which ranges become one request is left to the store; only where
 * bytes lie in memory as in the file, and near, are they one range.
 */
final class ChunkLayout {
  /** Memory is given to narrower gaps between chunks, so that they are one range. */
  private static final long WIDEST_GAP = 128 << 10;

  /** Ranges that are nearer in the file and in memory are one. */
  private static final long NEAR = 1L << 20;

  /** Pieces are no larger, unless one chunk is. */
  private static final long LARGEST_PIECE = 64L << 20;

  /** Bytes {@code [start, end)} of the file. */
  record Span(long start, long end) {}

  /** As {@code span}, which lies in the memory at {@code at}. */
  private record Target(Span span, long at) {}

  private final List<Piece> pieces = new ArrayList<>();

  /** Adds a chunk, of which {@code needed} is read, ascending; chunks come in file order. */
  void add(ColumnChunkMetaData chunk, List<Span> needed) {
    Piece last = pieces.isEmpty() ? null : pieces.get(pieces.size() - 1);
    if (last == null || !last.takes(chunk)) {
      last = new Piece();
      pieces.add(last);
    }
    last.add(chunk, needed);
  }

  List<Piece> pieces() {
    return pieces;
  }

  /** Chunks that lie in one buffer. */
  static final class Piece {
    private final Map<ColumnChunkMetaData, Long> places = new LinkedHashMap<>();
    private final List<Target> targets = new ArrayList<>();
    private long end;
    private long size;

    /** Damaged footers may claim chunks that overlap; ranges read together must not. */
    private boolean takes(ColumnChunkMetaData chunk) {
      return chunk.getStartingPos() >= end && size + chunk.getTotalSize() <= LARGEST_PIECE;
    }

    private void add(ColumnChunkMetaData chunk, List<Span> needed) {
      long start = chunk.getStartingPos();
      long gap = start - end;
      if (!places.isEmpty() && gap <= WIDEST_GAP) {
        size += gap;
      }
      places.put(chunk, size);
      for (Span span : needed) {
        add(span, size + span.start() - start);
      }
      size += chunk.getTotalSize();
      end = start + chunk.getTotalSize();
    }

    private void add(Span span, long at) {
      Target last = targets.isEmpty() ? null : targets.get(targets.size() - 1);
      if (last != null
          && span.start() - last.span().end() <= NEAR
          && span.start() - at == last.span().start() - last.at()) {
        Span both = new Span(last.span().start(), Math.max(last.span().end(), span.end()));
        targets.set(targets.size() - 1, new Target(both, last.at()));
      } else {
        targets.add(new Target(span, at));
      }
    }

    /** Bytes of memory that the piece needs. */
    long size() {
      return size;
    }

    /** Where in the buffer each chunk starts. */
    Map<ColumnChunkMetaData, Long> places() {
      return places;
    }

    /** What to read, into {@code buffer}. */
    List<ByteRange> targets(ArrowBuf buffer) {
      List<ByteRange> ranges = new ArrayList<>();
      for (Target target : targets) {
        long length = target.span().end() - target.span().start();
        for (long done = 0; done < length; ) {
          int count = (int) Math.min(SourceFile.LARGEST_REQUEST, length - done);
          ranges.add(
              new ByteRange(
                  target.span().start() + done, buffer.nioBuffer(target.at() + done, count)));
          done += count;
        }
      }
      return ranges;
    }
  }
}
