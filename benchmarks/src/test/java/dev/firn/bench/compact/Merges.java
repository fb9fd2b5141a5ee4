package dev.firn.bench.compact;

import dev.firn.bench.data.BenchTables;
import dev.firn.bench.data.Dataset;
import dev.firn.bench.data.Lineitem;
import dev.firn.bench.measure.Digest;
import dev.firn.bench.measure.RecordDigester;
import dev.firn.bench.measure.Result;
import dev.firn.bench.measure.Run;
import dev.firn.bench.measure.Side;
import dev.firn.bench.measure.Stopwatch;
import dev.firn.bench.peer.DuckDb;
import dev.firn.compaction.Compaction;
import dev.firn.format.write.DataWriter;
import dev.firn.format.write.WriteOptions;
import dev.firn.scan.Decoding;
import dev.firn.scan.ScanRequest;
import dev.firn.scan.SnapshotSelector;
import dev.firn.scan.TableScanner;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import org.apache.arrow.memory.RootAllocator;
import org.apache.arrow.vector.ipc.ArrowReader;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.IcebergGenerics;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.RollingDataWriter;

/**
 * Lineitem in small files made into files of 128 MB: ours, read back and compared before it
 * commits, against Spark's procedure, DuckDB's {@code COPY}, and Iceberg's generic reader and
 * writer, which all write without looking again. Once with clean files, whose pages are merged, and
 * once with a tenth of the rows deleted, which has to be decoded and encoded.
 */
final class Merges {
  private static final long TARGET = 128L << 20;
  private static final String OURS = "compact_ours";
  private static final String PEER = "compact_peer";
  private static final String CODEC = "zstd";

  private final Run run;
  private final BenchTables tables;
  private final Dataset dataset;
  private final int fileRows;

  Merges(Run run, BenchTables tables) {
    this.run = run;
    this.tables = tables;
    this.dataset = Lineitem.dataset(run.quick());
    this.fileRows = fileRows(run);
  }

  static int fileRows(Run run) {
    return run.quick() ? 1_000 : 12_000;
  }

  void run() throws Exception {
    try (SparkRewrite spark = new SparkRewrite(run, tables)) {
      vsSpark("compact.pagemerge.vs-spark", this::small, spark);
      vsDuckDb("compact.pagemerge.vs-duckdb", this::small, files -> "SELECT * FROM " + files);
      vsIceberg("compact.pagemerge.vs-iceberg", this::small);
      size();
      vsSpark("compact.decode.vs-spark", this::withDeletes, spark);
      vsDuckDb("compact.decode.vs-duckdb", this::withDeletes, Merges::keptInSql);
      vsIceberg("compact.decode.vs-iceberg", this::withDeletes);
    } finally {
      tables.forget(OURS);
      tables.forget(PEER);
    }
  }

  private Table small() {
    return tables.inSmallFiles(dataset, CODEC, fileRows);
  }

  private Table withDeletes() {
    return tables.withDeletes(small(), "lineitem_small_deletes10", Merges::isDeleted);
  }

  /** A tenth of the rows, without a period that a bitmap or a decoder could profit from. */
  static boolean isDeleted(long position) {
    return position * 7919 % 10007 % 10 == 3;
  }

  private static String keptInSql(String files) {
    return "SELECT * EXCLUDE file_row_number FROM %s WHERE file_row_number * 7919 %% 10007 %% 10 <> 3"
        .formatted(files.replace("])", "], file_row_number = true)"));
  }

  private void vsSpark(String id, Supplier<Table> source, SparkRewrite spark) throws Exception {
    if (!run.wants(id)) {
      return;
    }
    Table from = source.get();
    spark.spark();
    compare(
        id,
        from,
        watch -> {
          tables.copy(PEER, from);
          watch.start();
          spark.rewrite(PEER, TARGET);
          watch.stop();
        });
  }

  private void vsIceberg(String id, Supplier<Table> source) throws Exception {
    if (run.wants(id)) {
      Table from = source.get();
      compare(id, from, generic(from));
    }
  }

  private void compare(String id, Table from, Side peer) throws Exception {
    Side ours = ours(from);
    boolean equal = once(ours, OURS).equals(once(peer, PEER));
    run.faster(id, ours, peer, equal, filesOf(OURS));
  }

  private void vsDuckDb(String id, Supplier<Table> source, Function<String, String> select)
      throws Exception {
    if (!run.wants(id)) {
      return;
    }
    Table from = source.get();
    Path file = tables.home().resolve("duckdb.parquet");
    try (DuckDb duckDb = DuckDb.open(2)) {
      String sql =
          "COPY (%s) TO '%s' (FORMAT parquet, COMPRESSION zstd)"
              .formatted(select.apply(DuckDb.parquet(BenchTables.paths(from))), file);
      Side ours = ours(from);
      Side peer = Side.timed(() -> duckDb.execute(sql));
      Digest found = once(ours, OURS);
      peer.run(new Stopwatch());
      boolean equal = found.equals(duckDb.digest("SELECT * FROM " + DuckDb.parquet(List.of(file))));
      run.faster(id, ours, peer, equal, filesOf(OURS));
    } finally {
      Files.deleteIfExists(file);
    }
  }

  private Side ours(Table from) {
    return watch -> {
      Table table = withTarget(tables.copy(OURS, from));
      watch.start();
      Compaction.of(table).everything().run();
      watch.stop();
    };
  }

  private static Table withTarget(Table table) {
    table
        .updateProperties()
        .set(TableProperties.WRITE_TARGET_FILE_SIZE_BYTES, Long.toString(TARGET))
        .commit();
    return table;
  }

  private Side generic(Table from) {
    return watch -> {
      Table table = tables.copy(PEER, from);
      watch.start();
      List<DataFile> written = rewrite(table);
      var rewrite = table.newOverwrite();
      BenchTables.files(table).forEach(rewrite::deleteFile);
      written.forEach(rewrite::addFile);
      rewrite.commit();
      watch.stop();
    };
  }

  private static List<DataFile> rewrite(Table table) throws IOException {
    RollingDataWriter<Record> writer =
        new RollingDataWriter<>(
            new GenericFileWriterFactory.Builder(table).dataSchema(table.schema()).build(),
            OutputFileFactory.builderFor(table, 1, 1).build(),
            table.io(),
            TARGET,
            table.spec(),
            null);
    try (writer;
        CloseableIterable<Record> rows = IcebergGenerics.read(table).reuseContainers().build()) {
      rows.forEach(writer::write);
    }
    return writer.result().dataFiles();
  }

  /** What the table holds when the side has run. */
  private Digest once(Side side, String table) throws Exception {
    side.run(new Stopwatch());
    return digest(tables.load(table));
  }

  private Digest digest(Table table) throws IOException {
    RecordDigester digester = new RecordDigester(dataset.schema().columns().size());
    try (CloseableIterable<Record> rows = IcebergGenerics.read(table).reuseContainers().build()) {
      rows.forEach(digester::add);
    }
    return digester.digest();
  }

  private Map<String, Double> filesOf(String table) {
    List<DataFile> files = BenchTables.files(tables.load(table));
    return Map.of("files", (double) files.size(), "bytes", (double) bytes(files));
  }

  private static long bytes(List<DataFile> files) {
    return files.stream().mapToLong(DataFile::fileSizeInBytes).sum();
  }

  /** How much larger pages that were copied make the files than pages encoded anew. */
  private void size() throws Exception {
    String id = "compact.pagemerge.size-vs-decode";
    if (!run.wants(id)) {
      return;
    }
    Table from = small();
    Digest merged = once(ours(from), OURS);
    long ours = bytes(BenchTables.files(tables.load(OURS)));
    Table anew = tables.copy(PEER, from);
    long theirs = bytes(encodedAnew(anew));
    run.add(
        new Result(
            id,
            ours / 1e6,
            theirs / 1e6,
            "MB",
            (double) ours / theirs,
            merged.equals(digest(from)),
            Map.of()));
  }

  private static List<DataFile> encodedAnew(Table table) throws IOException {
    WriteOptions options = new WriteOptions(null, null, TARGET);
    ScanRequest all =
        new ScanRequest(
            new SnapshotSelector.Current(), null, Expressions.alwaysTrue(), ScanRequest.NO_LIMIT);
    try (RootAllocator allocator = new RootAllocator();
        DataWriter writer = DataWriter.open(table, options);
        ArrowReader rows =
            new TableScanner(table).readArrow(all, allocator, Decoding.DEFAULT_BATCH_ROWS)) {
      while (rows.loadNextBatch()) {
        writer.write(rows.getVectorSchemaRoot());
      }
      return writer.complete();
    }
  }
}
