package dev.firn.scan.plan;

import java.util.Arrays;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionData;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ManifestEvaluator;
import org.apache.iceberg.expressions.Projections;
import org.apache.iceberg.expressions.ResidualEvaluator;
import org.apache.iceberg.types.Types;
import org.jspecify.annotations.Nullable;

/**
 * One filter on the files of one partition spec: which manifests, and which of their files, may
 * have matching rows. Thread-safe.
 */
final class SpecPlan {
  private final PartitionSpec spec;
  private final Types.StructType partitionType;
  private final ManifestEvaluator manifests;
  private final @Nullable Expression projected;

  /** Filters on partitions that no thread uses now. */
  private final Queue<PartitionFilter> partitions = new ConcurrentLinkedQueue<>();

  private final StatsFilter statistics;
  private final ResidualEvaluator residuals;
  private final PartitionData emptyPartition;
  private final String schemaJson;
  private final String specJson;

  SpecPlan(PartitionSpec spec, Expression filter) {
    this.spec = spec;
    this.partitionType = spec.rawPartitionType();
    Expression inclusive = Projections.inclusive(spec, true).project(filter);
    this.manifests = ManifestEvaluator.forPartitionFilter(inclusive, spec, true);
    this.projected = inclusive == Expressions.alwaysTrue() ? null : inclusive;
    this.statistics = StatsFilter.of(spec.schema(), filter);
    this.residuals = ResidualEvaluator.of(spec, filter, true);
    this.emptyPartition = new PartitionData(partitionType);
    this.schemaJson = SchemaParser.toJson(spec.schema());
    this.specJson = PartitionSpecParser.toJson(spec);
  }

  boolean mayMatch(ManifestFile manifest) {
    return (manifest.hasAddedFiles() || manifest.hasExistingFiles()) && manifests.eval(manifest);
  }

  boolean isUnpartitioned() {
    return spec.isUnpartitioned();
  }

  /**
   * Checks that the partitions of a chunk can be represented.
   *
   * @throws DamagedManifestException where they cannot
   */
  void check(Chunk chunk) {
    chunk.partitions().check(partitionType);
  }

  /** The rows that may match. */
  long[] matching(Manifest manifest, Chunk chunk) {
    check(chunk);
    long[] rows = Bits.all(chunk.rows());
    if (projected != null) {
      inPartitions(projected, chunk, rows);
    }
    return statistics.keepsAll() || Bits.isEmpty(rows)
        ? rows
        : statistics.matching(manifest, chunk, rows);
  }

  /** Clears the rows whose partition does not match. */
  private void inPartitions(Expression filter, Chunk chunk, long[] rows) {
    PartitionFilter known = partitions.poll();
    PartitionFilter partition =
        known == null ? PartitionFilter.of(spec.partitionType(), partitionType, filter) : known;
    Tuples tuples = chunk.partitions();
    long[] matching = partition.matching(tuples);
    partitions.add(partition);
    if (Bits.isEmpty(matching)) {
      Arrays.fill(rows, 0);
    } else if (Bits.count(matching) < tuples.size()) {
      tuples.retain(rows, matching, chunk.rows());
    }
  }

  /** The partition of a tuple, as Iceberg represents it. */
  StructLike partition(Chunk chunk, int code) {
    if (spec.isUnpartitioned() && partitionType.fields().isEmpty()) {
      return PartitionTuple.EMPTY;
    }
    PartitionData partition = emptyPartition.copy();
    @Nullable Object[] values = chunk.partitions().values(code, partitionType);
    for (int i = 0; i < values.length; i++) {
      partition.set(i, values[i]);
    }
    return partition;
  }

  FileScanTask task(PlannedDataFile file, DeleteFile[] deletes) {
    return new BaseFileScanTask(file, deletes, schemaJson, specJson, residuals);
  }

  /** What tells whether partitions are represented alike. */
  String partitionKey() {
    return spec.specId() + ":" + Arrays.toString(partitionType.fields().toArray());
  }
}
