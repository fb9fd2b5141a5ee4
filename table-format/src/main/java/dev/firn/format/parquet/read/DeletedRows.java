package dev.firn.format.parquet.read;

import dev.firn.error.FirnException;
import dev.firn.format.parquet.filter.RowBits;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.deletes.PositionDeleteIndex;
import org.jspecify.annotations.Nullable;

/** The deleted rows of some row groups, one bit each. Immutable. */
final class DeletedRows {
  private final List<Footer.Group> groups;
  private final long[][] words;

  private DeletedRows(List<Footer.Group> groups) {
    this.groups = groups;
    this.words = new long[groups.size()][];
  }

  /** {@code groups} ascend. */
  static DeletedRows of(@Nullable PositionDeleteIndex positions, List<Footer.Group> groups) {
    DeletedRows rows = new DeletedRows(groups);
    if (positions != null && positions.isNotEmpty()) {
      Marker marker = rows.new Marker();
      positions.forEach(marker::mark);
    }
    return rows;
  }

  /** Goes with positions that ascend through the groups. */
  private final class Marker {
    private int at;

    void mark(long position) {
      while (at > 0 && position < groups.get(at).firstRow()) {
        at--; // the index does not promise more than it documents
      }
      while (at < groups.size() && position >= end(groups.get(at))) {
        at++;
      }
      if (at == groups.size()) {
        at = Math.max(0, at - 1);
        return;
      }
      long row = position - groups.get(at).firstRow();
      if (row < 0) {
        return;
      }
      set(at, row);
    }
  }

  private static long end(Footer.Group group) {
    return group.firstRow() + group.block().getRowCount();
  }

  private void set(int group, long row) {
    if (row > Integer.MAX_VALUE) {
      throw FirnException.invalid(
          "Cannot apply deletes: row group %d has more than %d rows"
              .formatted(groups.get(group).index(), Integer.MAX_VALUE));
    }
    int word = (int) (row >>> 6);
    long[] bits = words[group];
    if (bits == null || bits.length <= word) {
      long most = (groups.get(group).block().getRowCount() + 63) >>> 6;
      int size = (int) Math.min(most, Math.max(word + 1L, bits == null ? 64 : bits.length * 2L));
      bits = bits == null ? new long[size] : Arrays.copyOf(bits, size);
      words[group] = bits;
    }
    bits[word] |= 1L << row;
  }

  /** Takes out of {@code keep}, whose first row is {@code first} of the group, those deleted. */
  void remove(int group, long first, RowBits keep) {
    long[] bits = words[group];
    if (bits == null) {
      return;
    }
    int shift = (int) (first & 63);
    for (int i = 0; i < (keep.rows() + 63) >>> 6; i++) {
      long at = (first >>> 6) + i;
      long deleted = word(bits, at) >>> shift;
      if (shift != 0) {
        deleted |= word(bits, at + 1) << (64 - shift);
      }
      keep.word(i, keep.word(i) & ~deleted);
    }
  }

  private static long word(long[] bits, long index) {
    return index < bits.length ? bits[(int) index] : 0;
  }
}
