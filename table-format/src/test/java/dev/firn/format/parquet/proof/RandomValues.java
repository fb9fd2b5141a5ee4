package dev.firn.format.parquet.proof;

import dev.firn.format.arrow.Shown;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.apache.iceberg.data.GenericRecord;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** An endless column of random values; each column has its own share of nulls and of repetition. */
interface RandomValues {
  /** The next value in Iceberg's generic representation, or null. */
  Object next();

  /** Values of a field, null at times where it is optional. */
  static RandomValues of(NestedField field, Random random) {
    return nullable(field.type(), field.isOptional(), random);
  }

  private static RandomValues nullable(Type type, boolean optional, Random random) {
    RandomValues values = of(type, random);
    if (!optional) {
      return values;
    }
    double[] rates = {0, 0.02, 0.5, 0.9, 1};
    double rate = rates[random.nextInt(rates.length)];
    boolean runs = random.nextBoolean();
    boolean[] nullNow = {false};
    return () -> {
      if (!runs || random.nextInt(20) == 0) {
        nullNow[0] = random.nextDouble() < rate;
      }
      return nullNow[0] ? null : values.next();
    };
  }

  private static RandomValues of(Type type, Random random) {
    return switch (type.typeId()) {
      case STRUCT -> struct(type.asStructType(), random);
      case LIST -> list(type.asListType(), random);
      case MAP -> map(type.asMapType(), random);
      default -> leaf(type, random);
    };
  }

  private static RandomValues leaf(Type type, Random random) {
    RandomLeaf leaf = new RandomLeaf(type, random);
    return switch (random.nextInt(5)) {
      case 0 -> pooled(leaf, 1 + random.nextInt(4), random);
      case 1 -> pooled(leaf, 300, random);
      case 2 -> fallingBack(leaf, random);
      case 3 -> leaf::ascending;
      default -> leaf::any;
    };
  }

  /** Few distinct values: dictionaries, and runs in them. */
  private static RandomValues pooled(RandomLeaf leaf, int size, Random random) {
    List<Object> pool = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      pool.add(leaf.any());
    }
    int[] at = {0};
    return () -> {
      if (random.nextInt(4) == 0) {
        at[0] = random.nextInt(size);
      }
      return pool.get(at[0]);
    };
  }

  /** Few distinct values first, then all distinct: a dictionary that is given up. */
  private static RandomValues fallingBack(RandomLeaf leaf, Random random) {
    RandomValues few = pooled(leaf, 10, random);
    int[] left = {random.nextInt(1000)};
    return () -> left[0]-- > 0 ? few.next() : leaf.any();
  }

  private static RandomValues struct(Types.StructType type, Random random) {
    List<RandomValues> fields = type.fields().stream().map(f -> of(f, random)).toList();
    return () -> {
      Record record = GenericRecord.create(type);
      for (int i = 0; i < fields.size(); i++) {
        record.set(i, fields.get(i).next());
      }
      return record;
    };
  }

  private static RandomValues list(Types.ListType type, Random random) {
    RandomValues elements = nullable(type.elementType(), type.isElementOptional(), random);
    RandomValues sizes = sizes(random);
    return () -> {
      List<Object> list = new ArrayList<>();
      for (int i = (int) sizes.next(); i > 0; i--) {
        list.add(elements.next());
      }
      return list;
    };
  }

  private static RandomValues map(Types.MapType type, Random random) {
    RandomValues keys = keys(type.keyType(), random);
    RandomValues values = nullable(type.valueType(), type.isValueOptional(), random);
    RandomValues sizes = sizes(random);
    return () -> {
      Map<Object, Object> map = new LinkedHashMap<>();
      Set<Object> seen = new HashSet<>();
      for (int i = (int) sizes.next(); i > 0; i--) {
        Object key = keys.next();
        if (seen.add(Shown.of(key))) {
          map.put(key, values.next());
        }
      }
      return map;
    };
  }

  /** Mostly short, often empty, and of some columns long enough to cross pages. */
  private static RandomValues sizes(Random random) {
    int most = random.nextInt(6) == 0 ? 60 : 4;
    return () -> random.nextInt(3) == 0 ? 0 : random.nextInt(most);
  }

  private static RandomValues keys(Type type, Random random) {
    return type.isStructType()
        ? struct(type.asStructType(), random)
        : new RandomLeaf(type, random)::any;
  }
}
