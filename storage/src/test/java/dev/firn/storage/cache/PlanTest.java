package dev.firn.storage.cache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.storage.DirectExecutor;
import java.io.IOException;
import org.apache.iceberg.BaseTable;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DataFiles;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.LocationProviders;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.Table;
import org.apache.iceberg.TableMetadata;
import org.apache.iceberg.TableMetadataParser;
import org.apache.iceberg.TableOperations;
import org.apache.iceberg.io.CloseableIterable;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.LocationProvider;
import org.apache.iceberg.types.Types;
import org.junit.jupiter.api.Test;

/** What planning of an Iceberg table asks of a store behind caches. */
class PlanTest {
  private static final String ROOT = "mem://lake/t";

  private final CachedStore files = new CachedStore(CacheSettings.ofMemory(16 << 20));
  private final Pointer pointer = new Pointer(files);

  @Test
  void afterOurOwnCommitsAPlanReadsNothing() throws Exception {
    append(3);
    assertThat(files.requests(() -> assertThat(plan()).isEqualTo(3))).isZero();
    append(2);
    assertThat(files.requests(() -> assertThat(plan()).isEqualTo(5))).isZero();
  }

  @Test
  void aSecondPlanOfAnothersSnapshotReadsNothing() throws Exception {
    append(3);
    append(2);
    files.caches.memory().clear();

    assertThat(files.requests(() -> assertThat(plan()).isEqualTo(5)))
        .as("the metadata, the manifest list and two manifests")
        .isEqualTo(4);
    assertThat(files.requests(() -> assertThat(plan()).isEqualTo(5))).isZero();
  }

  private void append(int count) {
    Table table = new BaseTable(pointer, "t");
    var append = table.newFastAppend().scanManifestsWith(DirectExecutor.INSTANCE);
    for (int i = 0; i < count; i++) {
      DataFile file =
          DataFiles.builder(PartitionSpec.unpartitioned())
              .withPath(ROOT + "/data/" + System.identityHashCode(append) + "-" + i + ".parquet")
              .withFileSizeInBytes(100)
              .withRecordCount(1)
              .build();
      append.appendFile(file);
    }
    append.commit();
  }

  private long plan() throws IOException {
    long count = 0;
    Table table = new BaseTable(pointer, "t");
    try (CloseableIterable<FileScanTask> tasks =
        table.newScan().planWith(DirectExecutor.INSTANCE).planFiles()) {
      for (FileScanTask task : tasks) {
        count += (int) task.file().recordCount();
      }
    }
    return count;
  }

  /** Which metadata file is current; reads it whenever it is asked. Confined to one thread. */
  private static final class Pointer implements TableOperations {
    private final FileIO files;
    private String current;
    private int version;

    Pointer(FileIO files) {
      this.files = files;
      Schema schema = new Schema(Types.NestedField.required(1, "id", Types.LongType.get()));
      write(
          TableMetadata.newTableMetadata(
              schema, PartitionSpec.unpartitioned(), ROOT, java.util.Map.of()));
    }

    private void write(TableMetadata metadata) {
      current = metadataFileLocation(version++ + "-v.metadata.json");
      TableMetadataParser.overwrite(metadata, files.newOutputFile(current));
    }

    @Override
    public TableMetadata current() {
      return refresh();
    }

    @Override
    public TableMetadata refresh() {
      return TableMetadataParser.read(files, current);
    }

    @Override
    public void commit(TableMetadata base, TableMetadata metadata) {
      write(metadata);
    }

    @Override
    public FileIO io() {
      return files;
    }

    @Override
    public String metadataFileLocation(String name) {
      return ROOT + "/metadata/" + name;
    }

    @Override
    public LocationProvider locationProvider() {
      return LocationProviders.locationsFor(ROOT, java.util.Map.of());
    }
  }
}
