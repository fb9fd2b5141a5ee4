package dev.firn.format.write.key;

import java.util.ArrayList;
import java.util.List;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.Term;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.transforms.Transforms;
import org.apache.iceberg.types.Type;

/** Every transform that a type has, as partition fields and as sort terms. */
final class TransformSpecs {
  private TransformSpecs() {}

  static List<Transform<?, ?>> of(Type type) {
    List<Transform<?, ?>> all =
        List.of(
            Transforms.identity(),
            Transforms.bucket(7),
            Transforms.truncate(3),
            Transforms.year(),
            Transforms.month(),
            Transforms.day(),
            Transforms.hour(),
            Transforms.alwaysNull());
    List<Transform<?, ?>> legal = new ArrayList<>();
    for (Transform<?, ?> transform : all) {
      if (transform.canTransform(type)) {
        legal.add(transform);
      }
    }
    return legal;
  }

  static PartitionSpec spec(Schema schema, String column, Transform<?, ?> transform) {
    return add(PartitionSpec.builderFor(schema), column, transform).build();
  }

  static PartitionSpec.Builder add(
      PartitionSpec.Builder builder, String column, Transform<?, ?> transform) {
    return switch (transform.toString()) {
      case "identity" -> builder.identity(column);
      case "bucket[7]" -> builder.bucket(column, 7);
      case "truncate[3]" -> builder.truncate(column, 3);
      case "year" -> builder.year(column);
      case "month" -> builder.month(column);
      case "day" -> builder.day(column);
      case "hour" -> builder.hour(column);
      default -> builder.alwaysNull(column);
    };
  }

  static Term term(String column, Transform<?, ?> transform) {
    return switch (transform.toString()) {
      case "bucket[7]" -> Expressions.bucket(column, 7);
      case "truncate[3]" -> Expressions.truncate(column, 3);
      case "year" -> Expressions.year(column);
      case "month" -> Expressions.month(column);
      case "day" -> Expressions.day(column);
      case "hour" -> Expressions.hour(column);
      default -> Expressions.ref(column);
    };
  }
}
