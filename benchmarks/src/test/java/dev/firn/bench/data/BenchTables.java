package dev.firn.bench.data;

import dev.firn.bench.measure.Run;
import dev.firn.catalog.CatalogSettings;
import dev.firn.catalog.LakeCatalog;
import dev.firn.testing.TableFixture;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.apache.iceberg.AppendFiles;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.FileFormat;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableProperties;
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
      append(table, write(table, dataset));
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

  private List<DataFile> write(Table table, Dataset dataset) {
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
      dataset.rows().get().forEach(writer::write);
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
