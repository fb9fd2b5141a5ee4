package dev.firn.format.hash;

import dev.firn.error.FirnException;
import java.util.Arrays;
import org.apache.arrow.memory.util.MemoryUtil;
import org.apache.arrow.vector.BaseIntVector;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.IntVector;
import org.apache.arrow.vector.dictionary.Dictionary;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/**
 * Values given as indices into a dictionary, whose entries are hashed once for each batch. Where a
 * batch is much smaller than its dictionary, only the entries that it names are.
 */
final class DictionarySlots extends Slots {
  private final Slots entries;
  private long[] ones = new long[0];
  private long[] twos = new long[0];
  private final long[] one1 = new long[1];
  private final long[] two1 = new long[1];
  private boolean hashed;
  private int size;
  private BaseIntVector indices;

  DictionarySlots(Slots entries, BaseIntVector indices) {
    this.entries = entries;
    this.indices = indices;
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    Dictionary dictionary = dictionaries.lookup(vector.getField().getDictionary().getId());
    indices = (BaseIntVector) vector;
    FieldVector values = dictionary.getVector();
    size = values.getValueCount();
    entries.bind(values, dictionaries);
    hashed = size <= Math.max(1024, vector.getValueCount());
    if (hashed) {
      if (ones.length < size) {
        ones = new long[size];
        twos = new long[size];
      }
      Arrays.fill(ones, 0);
      Arrays.fill(twos, 0);
      entries.add(0, size, ones, twos);
    }
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    if (hashed && indices instanceof IntVector ints) {
      addInts(ints.getDataBufferAddress(), from, to, one, two);
      return;
    }
    for (int i = from; i < to; i++) {
      if (!isNull(i)) {
        addOne(indices.getValueAsLong(i), i - from, one, two);
      }
    }
  }

  private void addInts(long ids, int from, int to, long[] one, long[] two) {
    long[] knownOnes = ones;
    long[] knownTwos = twos;
    for (int i = from; i < to; i++) {
      int id = MemoryUtil.getInt(ids + 4L * i);
      if (nulls() && isNull(i)) {
        continue;
      }
      if (Integer.compareUnsigned(id, size) >= 0) {
        throw outside(id);
      }
      one[i - from] += knownOnes[id];
      two[i - from] += knownTwos[id];
    }
  }

  private void addOne(long id, int at, long[] one, long[] two) {
    if (id < 0 || id >= size) {
      throw outside(id);
    }
    one1[0] = 0;
    two1[0] = 0;
    entries.add((int) id, (int) id + 1, one1, two1);
    one[at] += one1[0];
    two[at] += two1[0];
  }

  private FirnException outside(long id) {
    return FirnException.invalid(
        "Cannot hash a batch: column %s names an entry that its dictionary lacks, expected 0 to %d, got %d"
            .formatted(((FieldVector) indices).getName(), size - 1, id));
  }
}
