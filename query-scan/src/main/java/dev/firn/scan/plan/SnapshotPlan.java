package dev.firn.scan.plan;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.Schema;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.types.Types.NestedField;
import org.jspecify.annotations.Nullable;

/** One request, and what it needs of manifests. Thread-safe. */
final class SnapshotPlan {
  private static final DeleteFile[] NO_DELETES = {};

  /** Rows of a manifest that may match, by chunk; null where a chunk has none. */
  record Hits(Manifest manifest, List<long @Nullable []> rows) {}

  private final PlanRequest request;
  private final ManifestIndex index;
  private final ManifestSource source;
  private final Map<Integer, SpecPlan> specs = new ConcurrentHashMap<>();
  private final Map<Chunk, long[]> keptDeletes = new ConcurrentHashMap<>();

  SnapshotPlan(PlanRequest request, ManifestIndex index) {
    this.request = request;
    this.index = index;
    this.source =
        new ManifestSource(index, request.table().io(), request.specs(), request.table().name());
  }

  SpecPlan spec(int id) {
    return specs.computeIfAbsent(id, this::specPlan);
  }

  private SpecPlan specPlan(int id) {
    PartitionSpec spec = Objects.requireNonNull(request.specs().get(id), "spec " + id);
    return new SpecPlan(spec, request.filter());
  }

  /** The manifests of data files that may match. */
  List<ManifestFile> dataManifests() {
    return matching(request.snapshot().dataManifests(request.table().io()));
  }

  private List<ManifestFile> matching(List<ManifestFile> manifests) {
    return manifests.stream()
        .filter(manifest -> spec(manifest.partitionSpecId()).mayMatch(manifest))
        .toList();
  }

  /** The rows of a manifest that may match. */
  Hits hits(ManifestFile file) {
    Manifest manifest = source.read(file);
    SpecPlan spec = spec(manifest.specId());
    List<long @Nullable []> rows = new ArrayList<>();
    for (Chunk chunk : manifest.chunks()) {
      long[] matching = matching(spec, manifest, chunk);
      rows.add(Bits.isEmpty(matching) ? null : matching);
    }
    return new Hits(manifest, rows);
  }

  private long[] matching(SpecPlan spec, Manifest manifest, Chunk chunk) {
    try {
      return spec.matching(manifest, chunk);
    } catch (DamagedManifestException e) {
      throw source.damaged(manifest.path(), e);
    }
  }

  /** The index of all deletes that may apply to what matches. */
  DeleteIndex deletes(Executor executor, int ahead) {
    List<ManifestFile> manifests =
        matching(request.snapshot().deleteManifests(request.table().io()));
    if (manifests.isEmpty()) {
      return indexed(List.of(), List.of());
    }
    List<Object> identity = identity(manifests);
    String key =
        "deletes:" + UUID.nameUUIDFromBytes(identity.toString().getBytes(StandardCharsets.UTF_8));
    DeleteIndex known =
        index.get(
            key, DeleteIndex.class, () -> indexed(identity, read(manifests, executor, ahead)));
    return known.isFor(identity) ? known : indexed(identity, read(manifests, executor, ahead));
  }

  private List<Manifest> read(List<ManifestFile> manifests, Executor executor, int ahead) {
    List<Manifest> all = new ArrayList<>();
    try (Ahead<ManifestFile, Manifest> each =
        new Ahead<>(manifests, source::read, executor, ahead)) {
      each.forEachRemaining(all::add);
    }
    return all;
  }

  private DeleteIndex indexed(List<Object> identity, List<Manifest> manifests) {
    Map<Integer, NestedField> fields = Schema.indexFields(request.table().schemas().values());
    try {
      return DeleteIndex.of(identity, manifests, request.specs(), this::spec, fields);
    } catch (DamagedManifestException e) {
      throw source.damaged(request.snapshot().manifestListLocation(), e);
    }
  }

  private List<Object> identity(List<ManifestFile> manifests) {
    List<Object> identity = new ArrayList<>();
    manifests.forEach(manifest -> identity.add(ManifestIndex.key(manifest)));
    manifests.stream()
        .map(ManifestFile::partitionSpecId)
        .distinct()
        .forEach(id -> identity.add(spec(id).partitionKey()));
    identity.addAll(request.table().schemas().keySet());
    return List.copyOf(identity);
  }

  /** The task of a row of a manifest. */
  FileScanTask task(
      Manifest manifest, Chunk chunk, int row, StructLike partition, DeleteIndex deletes) {
    PlannedDataFile file =
        new PlannedDataFile(
            manifest, chunk, row, partition, request.statistics() ? PlannedFile.ALL : null);
    return spec(manifest.specId()).task(file, deletes(file, chunk, manifest, deletes));
  }

  private DeleteFile[] deletes(
      PlannedDataFile file, Chunk chunk, Manifest manifest, DeleteIndex deletes) {
    if (deletes.isEmpty()) {
      return NO_DELETES;
    }
    PlannedDataFile withStatistics =
        request.statistics()
            ? file
            : new PlannedDataFile(manifest, chunk, file.row(), file.partition(), PlannedFile.ALL);
    try {
      return deletes.of(withStatistics, this::keeps);
    } catch (DamagedManifestException e) {
      throw source.damaged(manifest.path(), e);
    }
  }

  /** Whether the filter leaves the delete file in. */
  private boolean keeps(PlannedDeleteFile file) {
    long[] kept =
        keptDeletes.computeIfAbsent(
            file.chunk(), chunk -> spec(file.specId()).matching(file.manifest(), chunk));
    return Bits.get(kept, file.row());
  }
}
