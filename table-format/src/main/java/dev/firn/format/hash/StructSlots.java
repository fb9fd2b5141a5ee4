package dev.firn.format.hash;

import java.util.Arrays;
import java.util.List;
import org.apache.arrow.vector.FieldVector;
import org.apache.arrow.vector.dictionary.DictionaryProvider;

/** Structs: that they are there, and their fields by themselves. */
final class StructSlots extends Slots {
  private final List<Slots> fields;
  private final long presentOne;
  private final long presentTwo;
  private long[] ones = new long[0];
  private long[] twos = new long[0];

  StructSlots(FieldKey key, List<Slots> fields) {
    this.fields = fields;
    long x = Mix.light(1 ^ key.seed());
    this.presentOne = x * key.one();
    this.presentTwo = (x ^ key.shift()) * key.two();
  }

  @Override
  void bind(FieldVector vector, DictionaryProvider dictionaries) {
    super.bind(vector, dictionaries);
    List<FieldVector> children = vector.getChildrenFromFields();
    for (int i = 0; i < fields.size(); i++) {
      fields.get(i).bind(children.get(i), dictionaries);
    }
  }

  @Override
  void add(int from, int to, long[] one, long[] two) {
    int count = to - from;
    if (ones.length < count) {
      ones = new long[count];
      twos = new long[count];
    }
    // By themselves first: below a null, fields may hold anything.
    Arrays.fill(ones, 0, count, presentOne);
    Arrays.fill(twos, 0, count, presentTwo);
    for (Slots field : fields) {
      field.add(from, to, ones, twos);
    }
    for (int i = 0; i < count; i++) {
      long mask = mask(from + i);
      one[i] += ones[i] & mask;
      two[i] += twos[i] & mask;
    }
  }
}
