package dev.firn.scan.plan;

import dev.firn.scan.plan.PartitionStage.Physical;
import java.util.Arrays;
import java.util.List;
import org.apache.iceberg.expressions.And;
import org.apache.iceberg.expressions.Binder;
import org.apache.iceberg.expressions.BoundPredicate;
import org.apache.iceberg.expressions.BoundReference;
import org.apache.iceberg.expressions.Evaluator;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expression.Operation;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Or;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * A filter on partitions, evaluated over the tuples of a chunk. Each predicate is Iceberg's {@code
 * Evaluator}, which is asked once for a value, however many tuples and chunks have it. Stateful:
 * the answers so far; confined to one thread at a time.
 */
final class PartitionFilter {
  /** Part of the filter. */
  private sealed interface Node {
    /** The tuples that match. */
    long[] matching(Tuples tuples);
  }

  private record Constant(boolean value) implements Node {
    @Override
    public long[] matching(Tuples tuples) {
      return value ? Bits.all(tuples.size()) : Bits.none(tuples.size());
    }
  }

  private record Both(Node left, Node right) implements Node {
    @Override
    public long[] matching(Tuples tuples) {
      long[] some = left.matching(tuples);
      if (Bits.isEmpty(some)) {
        return some;
      }
      long[] others = right.matching(tuples);
      for (int i = 0; i < some.length; i++) {
        some[i] &= others[i];
      }
      return some;
    }
  }

  private record Either(Node left, Node right) implements Node {
    @Override
    public long[] matching(Tuples tuples) {
      long[] some = left.matching(tuples);
      long[] others = right.matching(tuples);
      for (int i = 0; i < some.length; i++) {
        some[i] |= others[i];
      }
      return some;
    }
  }

  /** A predicate on one field of the partition. */
  private static final class Leaf implements Node {
    private static final byte UNKNOWN = 0;
    private static final byte NO = 1;
    private static final byte YES = 2;

    private final Evaluator evaluator;
    private final Operation operation;
    private final Types.NestedField field;
    private final int position;
    private final @Nullable Object[] values;
    private final PartitionTuple tuple = new PartitionTuple();
    private final NumberAnswers answers = new NumberAnswers();
    private @Nullable Physical physical;
    private byte ofNull;

    Leaf(Evaluator evaluator, Operation operation, Types.StructType type, int position) {
      this.evaluator = evaluator;
      this.operation = operation;
      this.field = type.fields().get(position);
      this.position = position;
      this.values = new Object[type.fields().size()];
    }

    @Override
    public long[] matching(Tuples tuples) {
      Tuples.Field values = tuples.field(field);
      if (values == null) {
        return eval(null) ? Bits.all(tuples.size()) : Bits.none(tuples.size());
      }
      if (values.numbers() != null) {
        return numbers(values, values.numbers(), tuples.size());
      }
      return values.bytes() instanceof DictionaryBytes dictionary
          ? entries(values, dictionary, tuples.size())
          : each(values, tuples.size());
    }

    private long[] numbers(Tuples.Field values, LongColumn numbers, int size) {
      if (physical != values.physical()) {
        answers.clear();
        physical = values.physical();
      }
      long[] matching = Bits.none(size);
      for (int code = 0; code < size; code++) {
        byte answer;
        if (numbers.isNull(code)) {
          answer = ofNull();
        } else {
          long number = numbers.get(code);
          answer = answers.of(number);
          if (answer == UNKNOWN) {
            answer = answer(values.value(code, field.type()));
            answers.put(number, answer);
          }
        }
        if (answer == YES) {
          Bits.set(matching, code);
        }
      }
      return matching;
    }

    private long[] entries(Tuples.Field values, DictionaryBytes dictionary, int size) {
      long[] matching = Bits.none(size);
      byte[] known = new byte[dictionary.size()];
      for (int code = 0; code < size; code++) {
        byte answer;
        if (dictionary.isNull(code)) {
          answer = ofNull();
        } else {
          int entry = dictionary.code(code);
          if (known[entry] == UNKNOWN) {
            known[entry] = answer(values.value(code, field.type()));
          }
          answer = known[entry];
        }
        if (answer == YES) {
          Bits.set(matching, code);
        }
      }
      return matching;
    }

    private long[] each(Tuples.Field values, int size) {
      long[] matching = Bits.none(size);
      for (int code = 0; code < size; code++) {
        if (eval(values.value(code, field.type()))) {
          Bits.set(matching, code);
        }
      }
      return matching;
    }

    private byte ofNull() {
      if (ofNull == UNKNOWN) {
        ofNull = answer(null);
      }
      return ofNull;
    }

    private byte answer(@Nullable Object value) {
      return eval(value) ? YES : NO;
    }

    private boolean eval(@Nullable Object value) {
      if (value == null && (operation == Operation.IN || operation == Operation.NOT_IN)) {
        // Iceberg's sets of strings refuse to be asked for null, which is in none.
        return operation == Operation.NOT_IN;
      }
      values[position] = value;
      return evaluator.eval(tuple.wrap(values));
    }
  }

  /** Answers by number, a bounded many. */
  private static final class NumberAnswers {
    private static final int MOST = 1 << 16;

    private long[] keys = new long[64];
    private byte[] values = new byte[64];
    private int size;

    byte of(long key) {
      return values[place(key)];
    }

    /** Where the key is, or is to be. */
    private int place(long key) {
      int mask = keys.length - 1;
      int at = (int) ((key * 0x9E3779B97F4A7C15L) >>> 40) & mask;
      while (values[at] != Leaf.UNKNOWN && keys[at] != key) {
        at = (at + 1) & mask;
      }
      return at;
    }

    /** Puts a key that is not there. */
    void put(long key, byte value) {
      if (size == MOST) {
        clear();
      } else if (size * 2 >= keys.length) {
        grow();
      }
      int at = place(key);
      keys[at] = key;
      values[at] = value;
      size++;
    }

    private void grow() {
      long[] oldKeys = keys;
      byte[] oldValues = values;
      keys = new long[oldKeys.length * 2];
      values = new byte[keys.length];
      for (int i = 0; i < oldKeys.length; i++) {
        if (oldValues[i] != Leaf.UNKNOWN) {
          int at = place(oldKeys[i]);
          keys[at] = oldKeys[i];
          values[at] = oldValues[i];
        }
      }
    }

    void clear() {
      Arrays.fill(values, Leaf.UNKNOWN);
      size = 0;
    }
  }

  /** What is no predicate on a field, tuple by tuple. */
  private record ByTuple(Evaluator evaluator, Types.StructType type) implements Node {
    @Override
    public long[] matching(Tuples tuples) {
      PartitionTuple tuple = new PartitionTuple();
      long[] matching = Bits.none(tuples.size());
      for (int code = 0; code < tuples.size(); code++) {
        if (evaluator.eval(tuple.wrap(tuples.values(code, type)))) {
          Bits.set(matching, code);
        }
      }
      return matching;
    }
  }

  private final Node root;

  private PartitionFilter(Node root) {
    this.root = root;
  }

  /**
   * @param type of partitions, which the filter's names are of
   * @param stored the same with the ids that manifests have
   * @param filter unbound, by names with their case
   */
  static PartitionFilter of(Types.StructType type, Types.StructType stored, Expression filter) {
    return new PartitionFilter(node(type, stored, Expressions.rewriteNot(filter)));
  }

  private static Node node(Types.StructType type, Types.StructType stored, Expression filter) {
    if (filter instanceof And and) {
      return new Both(node(type, stored, and.left()), node(type, stored, and.right()));
    } else if (filter instanceof Or or) {
      return new Either(node(type, stored, or.left()), node(type, stored, or.right()));
    }
    Expression bound = Binder.bind(type, filter, true);
    if (bound == Expressions.alwaysTrue() || bound == Expressions.alwaysFalse()) {
      return new Constant(bound == Expressions.alwaysTrue());
    }
    Evaluator evaluator = new Evaluator(type, filter, true);
    if (bound instanceof BoundPredicate<?> predicate
        && predicate.term() instanceof BoundReference<?> reference) {
      int position = position(type.fields(), reference.fieldId());
      return new Leaf(evaluator, predicate.op(), stored, position);
    }
    return new ByTuple(evaluator, stored);
  }

  private static int position(List<Types.NestedField> fields, int fieldId) {
    for (int i = 0; i < fields.size(); i++) {
      if (fields.get(i).fieldId() == fieldId) {
        return i;
      }
    }
    throw new IllegalStateException("no partition field " + fieldId);
  }

  /** The codes of the tuples that match, as bits. */
  long[] matching(Tuples tuples) {
    return root.matching(tuples);
  }
}
