package dev.firn.scan.plan;

import java.math.BigDecimal;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.IntStream;
import org.apache.iceberg.ContentFile;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileMetadata;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.MetadataColumns;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionField;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.Table;
import org.apache.iceberg.transforms.Transform;
import org.apache.iceberg.types.Comparators;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.TypeUtil;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/** Files that exist in manifests only, with statistics of every kind and gap; what tasks say. */
final class PlanFixtures {
  static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "id", Types.LongType.get()),
          NestedField.optional(2, "i", Types.IntegerType.get()),
          NestedField.optional(3, "s", Types.StringType.get()),
          NestedField.optional(4, "d", Types.DoubleType.get()),
          NestedField.optional(5, "f", Types.FloatType.get()),
          NestedField.optional(6, "day", Types.DateType.get()),
          NestedField.optional(7, "ts", Types.TimestampType.withZone()),
          NestedField.optional(8, "dec", Types.DecimalType.of(9, 2)),
          NestedField.optional(9, "u", Types.UUIDType.get()),
          NestedField.optional(10, "bin", Types.BinaryType.get()),
          NestedField.optional(11, "b", Types.BooleanType.get()),
          NestedField.optional(12, "wide", Types.DecimalType.of(38, 3)),
          NestedField.optional(
              13,
              "st",
              Types.StructType.of(
                  NestedField.optional(14, "n", Types.IntegerType.get()),
                  NestedField.optional(15, "t", Types.StringType.get()))));

  private static final List<String> WORDS =
      List.of("", "a", "ab", "abc", "abd", "b", "ba", "ü", "üb", "\uD83D\uDE00", "zz");

  private final Random random;
  private int files;

  PlanFixtures(Random random) {
    this.random = random;
  }

  /** A value of a small domain, as Iceberg represents it. */
  Object value(Type type) {
    int small = random.nextInt(12) - 3;
    return switch (type.typeId()) {
      case BOOLEAN -> random.nextBoolean();
      case INTEGER -> small;
      case LONG -> random.nextInt(9) == 0 ? 5_000_000_000L * small : (long) small;
      case FLOAT -> random.nextInt(6) == 0 ? -0.0f : small / 2f;
      case DOUBLE -> random.nextInt(6) == 0 ? -0.0 : small / 2.0;
      case DATE -> 19_000 + small * 20;
      case TIMESTAMP -> (19_000L + small * 20L) * 86_400_000_000L + random.nextInt(1000);
      case STRING -> WORDS.get(random.nextInt(WORDS.size()));
      case DECIMAL -> BigDecimal.valueOf(small * 101L, ((Types.DecimalType) type).scale());
      case UUID -> new UUID(small, random.nextInt(3));
      case BINARY -> ByteBuffer.wrap(new byte[] {(byte) small, (byte) random.nextInt(3)});
      default -> throw new IllegalArgumentException(type.toString());
    };
  }

  Metrics metrics(Schema schema, long rows, boolean many) {
    Map<Integer, Long> sizes = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    Map<Integer, Long> nans = new HashMap<>();
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    for (NestedField field : TypeUtil.indexById(schema.asStruct()).values()) {
      if (!field.type().isPrimitiveType() || (!many && random.nextInt(4) == 0)) {
        continue;
      }
      int id = field.fieldId();
      long absent = field.isRequired() ? 0 : random.nextInt(3) == 0 ? rows : random.nextInt(3);
      absent = Math.min(absent, rows);
      putSometimes(sizes, id, 100L + random.nextInt(5000));
      putSometimes(values, id, rows);
      putSometimes(nulls, id, absent);
      boolean floating =
          field.type().typeId() == Type.TypeID.FLOAT || field.type().typeId() == Type.TypeID.DOUBLE;
      if (floating) {
        putSometimes(nans, id, random.nextInt(3) == 0 ? rows : (long) random.nextInt(2));
      }
      if (absent < rows && random.nextInt(8) > 0) {
        bounds(field, lower, upper, floating);
      }
    }
    return new Metrics(
        rows,
        orNull(sizes),
        orNull(values),
        orNull(nulls),
        orNull(nans),
        orNull(lower),
        orNull(upper));
  }

  private void bounds(
      NestedField field,
      Map<Integer, ByteBuffer> lower,
      Map<Integer, ByteBuffer> upper,
      boolean floating) {
    Object one = value(field.type());
    Object two = random.nextInt(3) == 0 ? one : value(field.type());
    boolean ordered = Comparators.forType(field.type().asPrimitiveType()).compare(one, two) <= 0;
    Object low = ordered ? one : two;
    Object high = ordered ? two : one;
    if (floating && random.nextInt(6) == 0) {
      Object nan = field.type().typeId() == Type.TypeID.FLOAT ? (Object) Float.NaN : Double.NaN;
      low = random.nextBoolean() ? nan : low;
      high = nan;
    }
    putSometimes(lower, field.fieldId(), Conversions.toByteBuffer(field.type(), low));
    putSometimes(upper, field.fieldId(), Conversions.toByteBuffer(field.type(), high));
  }

  private <V> void putSometimes(Map<Integer, V> map, int id, V value) {
    if (random.nextInt(12) > 0) {
      map.put(id, value);
    }
  }

  private <V> Map<Integer, V> orNull(Map<Integer, V> map) {
    return random.nextInt(15) == 0 ? null : map;
  }

  PartitionData partition(PartitionSpec spec) {
    PartitionData partition = new PartitionData(spec.rawPartitionType());
    for (int i = 0; i < spec.fields().size(); i++) {
      PartitionField field = spec.fields().get(i);
      Type source = spec.schema().findType(field.sourceId());
      if (source != null && random.nextInt(7) > 0) {
        partition.set(i, transformed(field.transform(), source));
      }
    }
    return partition;
  }

  @SuppressWarnings("unchecked")
  private Object transformed(Transform<?, ?> transform, Type source) {
    return ((Transform<Object, Object>) transform).bind(source).apply(value(source));
  }

  private String location(Table table, String suffix) {
    files++;
    UUID uuid = new UUID(random.nextLong(), random.nextLong());
    return switch (random.nextInt(5)) {
      case 0 -> table.location() + "/data/day=2024-0" + files % 7 + "-01/" + uuid + suffix;
      case 1 -> "s3://bucket/0%05d-%d-%s-00001%s".formatted(files, files * 7, uuid, suffix);
      case 2 -> "file:/ü \u0001odd/" + files + "/007_" + uuid + "x" + suffix;
      case 3 ->
          "b/0/00/"
              + "9".repeat(17)
              + files
              + "/"
              + uuid.toString().toUpperCase(Locale.ROOT)
              + suffix;
      default -> "p/1/2/3/4/5/6/7/8/9/10/11/12/13/" + files + suffix;
    };
  }

  DataFile dataFile(Table table, boolean many) {
    List<PartitionSpec> specs = new ArrayList<>(table.specs().values());
    PartitionSpec spec =
        random.nextInt(4) == 0 ? specs.get(random.nextInt(specs.size())) : table.spec();
    long rows = random.nextInt(40) == 0 ? 0 : 1 + random.nextInt(9);
    DataFiles.Builder builder =
        DataFiles.builder(spec)
            .withPath(location(table, ".parquet"))
            .withFormat(random.nextInt(5) == 0 ? FileFormat.ORC : FileFormat.PARQUET)
            .withFileSizeInBytes(1_000 + random.nextInt(100_000))
            .withMetrics(metrics(table.schema(), rows, many))
            .withSplitOffsets(
                random.nextInt(3) == 0
                    ? null
                    : IntStream.range(0, 1 + random.nextInt(3))
                        .mapToObj(i -> 4L + i * 300L)
                        .toList());
    if (spec.isPartitioned()) {
      builder.withPartition(partition(spec));
    }
    if (random.nextInt(9) == 0) {
      builder.withEncryptionKeyMetadata(ByteBuffer.wrap(new byte[] {1, 2, (byte) files}));
    }
    return builder.build();
  }

  DeleteFile equalityDelete(Table table) {
    PartitionSpec spec =
        new ArrayList<>(table.specs().values()).get(random.nextInt(table.specs().size()));
    List<NestedField> columns =
        table.schema().columns().stream().filter(f -> f.type().isPrimitiveType()).toList();
    int[] ids =
        IntStream.range(0, 1 + random.nextInt(2))
            .map(i -> columns.get(random.nextInt(columns.size())).fieldId())
            .distinct()
            .toArray();
    FileMetadata.Builder builder =
        FileMetadata.deleteFileBuilder(spec)
            .ofEqualityDeletes(ids)
            .withPath(location(table, "-eq.parquet"))
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(500)
            .withMetrics(metrics(table.schema(), 1 + random.nextInt(4), false));
    if (spec.isPartitioned()) {
      builder.withPartition(partition(spec));
    }
    return builder.build();
  }

  /** A position delete file: of its whole partition, or of one file by reference or bounds. */
  DeleteFile positionDelete(Table table, DataFile data) {
    PartitionSpec spec = table.specs().get(data.specId());
    ByteBuffer path = ByteBuffer.wrap(data.location().getBytes(StandardCharsets.UTF_8));
    int pathId = MetadataColumns.DELETE_FILE_PATH.fieldId();
    int scope = random.nextInt(3);
    Map<Integer, ByteBuffer> bounds = scope == 1 ? Map.of(pathId, path) : Map.of();
    FileMetadata.Builder builder =
        FileMetadata.deleteFileBuilder(spec)
            .ofPositionDeletes()
            .withPath(location(table, "-pos.parquet"))
            .withFormat(FileFormat.PARQUET)
            .withFileSizeInBytes(300)
            .withMetrics(new Metrics(1L, null, null, null, null, bounds, bounds));
    if (scope == 0) {
      builder.withReferencedDataFile(data.location());
    }
    if (spec.isPartitioned()) {
      builder.withPartition(data.partition());
    }
    return builder.build();
  }

  DeleteFile vector(Table table, DataFile data) {
    PartitionSpec spec = table.specs().get(data.specId());
    FileMetadata.Builder builder =
        FileMetadata.deleteFileBuilder(spec)
            .ofPositionDeletes()
            .withPath(location(table, ".puffin"))
            .withFormat(FileFormat.PUFFIN)
            .withFileSizeInBytes(300)
            .withRecordCount(1)
            .withReferencedDataFile(data.location())
            .withContentOffset(4)
            .withContentSizeInBytes(40 + random.nextInt(9));
    if (spec.isPartitioned()) {
      builder.withPartition(data.partition());
    }
    return builder.build();
  }

  /** Everything that a task says, by the location of its file. */
  static Map<String, Object> described(Iterable<FileScanTask> tasks) {
    Map<String, Object> all = new TreeMap<>();
    for (FileScanTask task : tasks) {
      List<Object> deletes = new ArrayList<>();
      task.deletes().stream()
          .map(PlanFixtures::described)
          .sorted(java.util.Comparator.comparing(Object::toString))
          .forEach(deletes::add);
      Object previous =
          all.put(
              task.file().location(),
              List.of(
                  described(task.file()),
                  deletes,
                  residual(task),
                  task.start(),
                  task.length(),
                  task.estimatedRowsCount()));
      if (previous != null) {
        throw new AssertionError("twice: " + task.file().location());
      }
    }
    return all;
  }

  private static String residual(FileScanTask task) {
    try {
      return task.residual().toString();
    } catch (NullPointerException e) {
      // Iceberg fails to look a null partition up in a set of strings.
      return "none";
    }
  }

  static List<Object> described(ContentFile<?> file) {
    List<Object> all = new ArrayList<>();
    all.add(file.location());
    all.add(file.content());
    all.add(file.format());
    all.add(file.specId());
    all.add(partition(file.partition()));
    all.add(file.recordCount());
    all.add(file.fileSizeInBytes());
    all.add(file.columnSizes());
    all.add(file.valueCounts());
    all.add(file.nullValueCounts());
    all.add(file.nanValueCounts());
    all.add(file.lowerBounds());
    all.add(file.upperBounds());
    all.add(file.keyMetadata());
    all.add(file.splitOffsets());
    all.add(file.equalityFieldIds());
    all.add(file.sortOrderId());
    all.add(file.dataSequenceNumber());
    all.add(file.fileSequenceNumber());
    all.add(file.firstRowId());
    all.add(file.manifestLocation());
    all.add(file.pos());
    if (file instanceof DeleteFile delete) {
      all.add(delete.referencedDataFile());
      all.add(delete.contentOffset());
      all.add(delete.contentSizeInBytes());
    }
    return all;
  }

  private static List<Object> partition(StructLike partition) {
    List<Object> values = new ArrayList<>();
    for (int i = 0; i < partition.size(); i++) {
      values.add(partition.get(i, Object.class));
    }
    return values;
  }
}
