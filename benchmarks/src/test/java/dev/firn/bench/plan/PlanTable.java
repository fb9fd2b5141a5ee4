package dev.firn.bench.plan;

import dev.firn.bench.measure.Run;
import dev.firn.storage.scheme.SchemeFileIO;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.CatalogProperties;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.ManifestFiles;
import org.apache.iceberg.ManifestWriter;
import org.apache.iceberg.Metrics;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.encryption.EncryptedFiles;
import org.apache.iceberg.io.OutputFile;
import org.apache.iceberg.jdbc.JdbcCatalog;
import org.apache.iceberg.types.Conversions;
import org.apache.iceberg.types.Type;
import org.apache.iceberg.types.Types;
import org.apache.iceberg.types.Types.NestedField;

/**
 * A table that is manifests only: files of 12 columns as a stream of events leaves them, day after
 * day. Each manifest has the files of four days, in no order of the other partition field, a bucket
 * of the user; the file of an event is known by its bounds only.
 */
final class PlanTable implements AutoCloseable {
  static final int FILES_PER_MANIFEST = 4_000;
  static final long ROWS_PER_FILE = 100_000;

  private static final int FILES_PER_DAY = 1_000;
  private static final long DAY_MICROS = 86_400_000_000L;
  private static final int FIRST_DAY = 18_000;
  private static final TableIdentifier NAME = TableIdentifier.of("bench", "events");

  private static final Schema SCHEMA =
      new Schema(
          NestedField.required(1, "event_id", Types.LongType.get()),
          NestedField.required(2, "ts", Types.TimestampType.withZone()),
          NestedField.required(3, "user_id", Types.LongType.get()),
          NestedField.optional(4, "country", Types.StringType.get()),
          NestedField.optional(5, "device", Types.StringType.get()),
          NestedField.optional(6, "url", Types.StringType.get()),
          NestedField.optional(7, "name", Types.StringType.get()),
          NestedField.optional(8, "price", Types.DecimalType.of(10, 2)),
          NestedField.optional(9, "quantity", Types.IntegerType.get()),
          NestedField.optional(10, "score", Types.DoubleType.get()),
          NestedField.optional(11, "day", Types.DateType.get()),
          NestedField.optional(12, "paid", Types.BooleanType.get()));
  private static final PartitionSpec SPEC =
      PartitionSpec.builderFor(SCHEMA).day("ts").bucket("user_id", 256).build();

  private final Path home;
  private final int manifests;
  private final JdbcCatalog plain;
  private final JdbcCatalog caching;

  private PlanTable(Path home, int manifests) {
    this.home = home;
    this.manifests = manifests;
    this.plain = catalog(Map.of());
    this.caching =
        catalog(
            Map.of(
                CatalogProperties.IO_MANIFEST_CACHE_ENABLED, "true",
                CatalogProperties.IO_MANIFEST_CACHE_MAX_TOTAL_BYTES, Long.toString(4L << 30),
                CatalogProperties.IO_MANIFEST_CACHE_MAX_CONTENT_LENGTH, Long.toString(64L << 20)));
  }

  /** Opens the table, written at first use. */
  static PlanTable open(Run run) throws IOException {
    int manifests = run.quick() ? 5 : 250;
    Path home = run.directory().resolve("plan-v1").toAbsolutePath();
    Path done = home.resolve("done");
    boolean there = Files.exists(done);
    Files.createDirectories(home);
    if (!there) {
      Files.deleteIfExists(home.resolve("catalog.db"));
    }
    PlanTable table = new PlanTable(home, manifests);
    if (!there) {
      run.progress().println("writing the manifests of " + table.files() + " files");
      table.write();
      Files.createFile(done);
    }
    return table;
  }

  private JdbcCatalog catalog(Map<String, String> more) {
    Map<String, String> properties = new HashMap<>(more);
    properties.put(CatalogProperties.URI, "jdbc:sqlite:" + home.resolve("catalog.db"));
    properties.put(CatalogProperties.WAREHOUSE_LOCATION, home.resolve("warehouse").toString());
    properties.put(CatalogProperties.FILE_IO_IMPL, SchemeFileIO.class.getName());
    properties.put("firn.cache.memory-bytes", "0");
    properties.put("jdbc.schema-version", "V1");
    JdbcCatalog catalog = new JdbcCatalog();
    catalog.initialize("bench", properties);
    return catalog;
  }

  /** The table over a store that keeps nothing. */
  Table plain() {
    return plain.loadTable(NAME);
  }

  /** The table with Iceberg's manifest cache, which takes all of them. */
  Table caching() {
    return caching.loadTable(NAME);
  }

  int files() {
    return manifests * FILES_PER_MANIFEST;
  }

  private void write() throws IOException {
    plain.createNamespace(Namespace.of("bench"));
    Table table = plain.createTable(NAME, SCHEMA, SPEC);
    Random random = new Random(7);
    AppendFiles append = table.newFastAppend();
    for (int manifest = 0; manifest < manifests; manifest++) {
      OutputFile output =
          table
              .io()
              .newOutputFile(table.location() + "/metadata/" + new UUID(7, manifest) + "-m0.avro");
      ManifestWriter<DataFile> writer =
          ManifestFiles.write(2, SPEC, EncryptedFiles.plainAsEncryptedOutput(output), null);
      try (writer) {
        UUID job = new UUID(random.nextLong(), random.nextLong());
        for (int file = 0; file < FILES_PER_MANIFEST; file++) {
          if (file % 50 == 0) {
            job = new UUID(random.nextLong(), random.nextLong());
          }
          writer.add(file(table, random, job, manifest * FILES_PER_MANIFEST + file));
        }
      }
      append.appendManifest(writer.toManifestFile());
    }
    append.commit();
  }

  private static DataFile file(Table table, Random random, UUID job, int number) {
    int day = FIRST_DAY + number / FILES_PER_DAY;
    int bucket = random.nextInt(256);
    PartitionData partition = new PartitionData(SPEC.partitionType());
    partition.set(0, day);
    partition.set(1, bucket);
    String path =
        "%s/data/ts_day=%tF/user_id_bucket=%d/%05d-%d-%s-00001.parquet"
            .formatted(
                table.location(),
                java.time.LocalDate.ofEpochDay(day),
                bucket,
                number % 50,
                number,
                job);
    return DataFiles.builder(SPEC)
        .withPath(path)
        .withFormat(FileFormat.PARQUET)
        .withPartition(partition)
        .withFileSizeInBytes(8_000_000 + random.nextInt(4_000_000))
        .withSplitOffsets(List.of(4L))
        .withSortOrderId(0)
        .withMetrics(metrics(random, number, day))
        .build();
  }

  private static Metrics metrics(Random random, int number, int day) {
    long rows = ROWS_PER_FILE - random.nextInt(2_000);
    Map<Integer, Long> sizes = new HashMap<>();
    Map<Integer, Long> values = new HashMap<>();
    Map<Integer, Long> nulls = new HashMap<>();
    for (NestedField field : SCHEMA.columns()) {
      int id = field.fieldId();
      sizes.put(id, 20_000L * id + random.nextInt(30_000));
      values.put(id, rows);
      nulls.put(id, id == 6 || id == 8 ? random.nextInt(5_000) : 0L);
    }
    Map<Integer, ByteBuffer> lower = new HashMap<>();
    Map<Integer, ByteBuffer> upper = new HashMap<>();
    long firstEvent = (long) number * ROWS_PER_FILE;
    long morning = day * DAY_MICROS;
    bounds(1, firstEvent, firstEvent + rows - 1, lower, upper);
    bounds(
        2,
        morning + random.nextInt(60_000_000),
        morning + DAY_MICROS - random.nextInt(60_000_000),
        lower,
        upper);
    bounds(3, (long) random.nextInt(100_000), 50_000_000L - random.nextInt(100_000), lower, upper);
    bounds(4, "AD", random.nextInt(9) == 0 ? "ZM" : "ZW", lower, upper);
    bounds(5, "android", "windows", lower, upper);
    bounds(6, "https://www.exam", "https://www.exan", lower, upper);
    bounds(7, "aa" + word(random, 10), "zy" + word(random, 10), lower, upper);
    bounds(
        8,
        decimal(1 + random.nextInt(99)),
        decimal(9_990_000 + random.nextInt(9_999)),
        lower,
        upper);
    bounds(9, 1, 95 + random.nextInt(5), lower, upper);
    bounds(10, random.nextDouble() / 1000, 1 - random.nextDouble() / 1000, lower, upper);
    bounds(11, day, day, lower, upper);
    bounds(12, false, true, lower, upper);
    return new Metrics(rows, sizes, values, nulls, Map.of(10, 0L), lower, upper);
  }

  private static java.math.BigDecimal decimal(long cents) {
    return java.math.BigDecimal.valueOf(cents, 2);
  }

  private static String word(Random random, int length) {
    StringBuilder word = new StringBuilder();
    for (int i = 0; i < length; i++) {
      word.append((char) ('a' + random.nextInt(26)));
    }
    return word.toString();
  }

  private static void bounds(
      int id,
      Object low,
      Object high,
      Map<Integer, ByteBuffer> lower,
      Map<Integer, ByteBuffer> upper) {
    Type type = SCHEMA.findType(id);
    lower.put(id, Conversions.toByteBuffer(type, low));
    upper.put(id, Conversions.toByteBuffer(type, high));
  }

  @Override
  public void close() {
    plain.close();
    caching.close();
  }
}
