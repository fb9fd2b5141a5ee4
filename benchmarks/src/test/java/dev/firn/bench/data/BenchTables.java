package dev.firn.bench.data;

import dev.firn.bench.measure.Run;
import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.testing.TableFixture;
import dev.firn.testing.TemporaryFiles;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.LongPredicate;
import java.util.stream.LongStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.RowDelta;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
import org.apache.iceberg.TableUtil;
import org.apache.iceberg.catalog.Namespace;
import org.apache.iceberg.catalog.TableIdentifier;
import org.apache.iceberg.data.GenericFileWriterFactory;
import org.apache.iceberg.data.Record;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.OutputFileFactory;
import org.apache.iceberg.io.RollingDataWriter;

/**
 * The tables that are measured, each generated at first use and kept: local files under a catalog
 * of ours, written by Iceberg's generic writer, which favours no side. Not thread-safe.
 */
public final class BenchTables implements AutoCloseable {
  /** Raised when data is generated otherwise than before. */
  private static final int VERSION = 1;

  private static final Namespace NAMESPACE = Namespace.of("bench");
  private static final long FILE_BYTES = 170L << 20;

  private final PrintStream progress;
  private final Path home;
  private final LakeCatalog catalog;

  private BenchTables(Path home, LakeCatalog catalog, PrintStream progress) {
    this.progress = progress;
    this.home = home;
    this.catalog = catalog;
  }

  public static BenchTables open(Run run) throws IOException {
    return open(run.directory().resolve("v" + VERSION).toAbsolutePath(), run.progress());
  }

  /** Opens the tables whose {@link #home()} this is. */
  public static BenchTables open(Path home) throws IOException {
    return open(home, System.err);
  }

  private static BenchTables open(Path home, PrintStream progress) throws IOException {
    Files.createDirectories(home);
    LakeCatalog catalog =
        LakeCatalog.open(
            new CatalogSettings(
                "bench",
                "jdbc:sqlite:" + home.resolve("catalog.db"),
                home.resolve("warehouse").toString(),
                Map.of()));
    if (!catalog.namespaces().namespaceExists(NAMESPACE)) {
      catalog.namespaces().createNamespace(NAMESPACE);
    }
    return new BenchTables(home, catalog, progress);
  }

  /** Where catalog and files are. */
  public Path home() {
    return home;
  }

  /** The table of a data set, in files of that codec. */
  public Table table(Dataset dataset, String codec) {
    TableIdentifier id = TableIdentifier.of(NAMESPACE, dataset.name() + "_" + codec);
    Table table = createOrLoad(id, dataset.schema(), 2, codec);
    if (table.currentSnapshot() == null) {
      progress.println("generating " + id);
      append(table, write(table, dataset.rows().get()));
    }
    return table;
  }

  /** The very files of {@link #table}, with deletion vectors over a random tenth of the rows. */
  public Table withDeletes(Dataset dataset, String codec) {
    List<DataFile> files = files(table(dataset, codec));
    TableIdentifier id = TableIdentifier.of(NAMESPACE, dataset.name() + "_" + codec + "_deletes10");
    Table table = createOrLoad(id, dataset.schema(), 3, codec);
    if (table.currentSnapshot() == null) {
      progress.println("generating " + id);
      append(table, files);
      files.forEach(file -> TableFixture.deleteRows(table, file, tenth(file.recordCount())));
    }
    return table;
  }

  /** The rows of {@link #table} in files of {@code rows} rows each. */
  public Table inSmallFiles(Dataset dataset, String codec, int rows) {
    TableIdentifier id = TableIdentifier.of(NAMESPACE, dataset.name() + "_" + codec + "_of" + rows);
    Table table = createOrLoad(id, dataset.schema(), 2, codec);
    if (table.currentSnapshot() == null) {
      progress.println("generating " + id);
      List<DataFile> files = new ArrayList<>();
      List<Record> part = new ArrayList<>();
      for (Record row : dataset.rows().get()) {
        part.add(row);
        if (part.size() == rows) {
          files.addAll(write(table, part));
          part.clear();
        }
      }
      if (!part.isEmpty()) {
        files.addAll(write(table, part));
      }
      append(table, files);
    }
    return table;
  }

  /** The very files of another table, with deletion vectors over the rows at those positions. */
  public Table withDeletes(Table of, String name, LongPredicate positions) {
    TableIdentifier id = TableIdentifier.of(NAMESPACE, name);
    Table table =
        createOrLoad(id, of.schema(), 3, of.properties().get(TableProperties.PARQUET_COMPRESSION));
    if (table.currentSnapshot() == null) {
      progress.println("generating " + id);
      append(table, files(of));
      try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles();
          RowDeleteWriter deletes = RowDeleteWriter.open(table, FileRegistrar.NONE)) {
        for (FileScanTask task : tasks) {
          LongStream.range(0, task.file().recordCount())
              .filter(positions)
              .forEach(position -> deletes.delete(task, position));
        }
        RowDelta delta = table.newRowDelta();
        deletes.complete().added().forEach(delta::addDeletes);
        delta.commit();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return table;
  }

  /** A new table with what another has: its files and its deletes. {@link #forget} ends it. */
  public Table copy(String name, Table from) throws IOException {
    forget(name);
    Table copy =
        createOrLoad(
            TableIdentifier.of(NAMESPACE, name),
            from.schema(),
            TableUtil.formatVersion(from),
            from.properties().get(TableProperties.PARQUET_COMPRESSION));
    RowDelta all = copy.newRowDelta();
    try (CloseableIterable<FileScanTask> tasks = from.newScan().planFiles()) {
      for (FileScanTask task : tasks) {
        all.addRows(task.file());
        task.deletes().forEach(all::addDeletes);
      }
    }
    all.commit();
    return copy;
  }

  /** Drops a copy and its directory; the files that it shares stay. */
  public void forget(String name) throws IOException {
    TableIdentifier id = TableIdentifier.of(NAMESPACE, name);
    if (catalog.tables().tableExists(id)) {
      Path location = Path.of(catalog.loadTable(id).location().replaceFirst("^file:", ""));
      catalog.tables().dropTable(id, false);
      TemporaryFiles.delete(location);
    }
  }

  /** A new, empty table, in place of one that an earlier run left. */
  public Table scratch(String name, Schema schema, PartitionSpec spec) {
    drop(name);
    TableIdentifier id = TableIdentifier.of(NAMESPACE, name);
    return catalog
        .tables()
        .buildTable(id, schema)
        .withPartitionSpec(spec)
        .withLocation(catalog.newTableLocation(id))
        .create();
  }

  public Table load(String name) {
    return catalog.loadTable(TableIdentifier.of(NAMESPACE, name));
  }

  /** Drops the table with its files, if there is one. */
  public void drop(String name) {
    TableIdentifier id = TableIdentifier.of(NAMESPACE, name);
    if (catalog.tables().tableExists(id)) {
      catalog.tables().dropTable(id, true);
    }
  }

  public static List<DataFile> files(Table table) {
    List<DataFile> files = new ArrayList<>();
    try (CloseableIterable<FileScanTask> tasks = table.newScan().planFiles()) {
      tasks.forEach(task -> files.add(task.file()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }

  /** The paths of the table's data files. */
  public static List<Path> paths(Table table) {
    return files(table).stream()
        .map(file -> Path.of(file.location().replaceFirst("^file:", "")))
        .toList();
  }

  private Table createOrLoad(TableIdentifier id, Schema schema, int version, String codec) {
    if (catalog.tables().tableExists(id)) {
      return catalog.loadTable(id);
    }
    return catalog
        .tables()
        .buildTable(id, schema)
        .withLocation(catalog.newTableLocation(id))
        .withProperty(TableProperties.FORMAT_VERSION, Integer.toString(version))
        .withProperty(TableProperties.PARQUET_COMPRESSION, codec)
        .create();
  }

  private static List<DataFile> write(Table table, Iterable<Record> rows) {
    GenericFileWriterFactory writers =
        new GenericFileWriterFactory.Builder(table)
            .dataFileFormat(FileFormat.PARQUET)
            .dataSchema(table.schema())
            .build();
    OutputFileFactory outputs =
        OutputFileFactory.builderFor(table, 1, 1).format(FileFormat.PARQUET).build();
    RollingDataWriter<Record> writer =
        new RollingDataWriter<>(
            writers, outputs, table.io(), FILE_BYTES, PartitionSpec.unpartitioned(), null);
    try (writer) {
      rows.forEach(writer::write);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return writer.result().dataFiles();
  }

  private static void append(Table table, List<DataFile> files) {
    AppendFiles append = table.newAppend();
    files.forEach(append::appendFile);
    append.commit();
  }

  private static long[] tenth(long rows) {
    SplittableRandom random = new SplittableRandom(rows);
    return LongStream.range(0, rows).filter(row -> random.nextInt(10) == 0).toArray();
  }

  @Override
  public void close() {
    catalog.close();
  }
}
