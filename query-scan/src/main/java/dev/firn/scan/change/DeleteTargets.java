package dev.firn.scan.change;

import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.StructLike;
import org.apache.iceberg.expressions.Expression;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ManifestEvaluator;
import org.apache.iceberg.types.Types.NestedField;
import org.apache.iceberg.util.NaNUtil;
import org.apache.iceberg.util.PartitionSet;

/**
 * Which data files some delete files may be for, and which manifests may list such files. Confined
 * to one thread.
 */
final class DeleteTargets {
  /** So many partitions make a filter of manifests; more are not worth one. */
  private static final int MOST_PARTITIONS = 200;

  private final Set<String> paths = new HashSet<>();
  private final Set<String> unfound = new HashSet<>();
  private final PartitionSet wide;
  private final Map<Integer, ManifestEvaluator> evaluators = new HashMap<>();
  private boolean everywhere;
  private boolean byPathAlone = true;
  private long newest;

  DeleteTargets(Map<Integer, PartitionSpec> specs, Collection<DeleteFile> deletes) {
    this.wide = PartitionSet.create(specs);
    PartitionSet partitions = PartitionSet.create(specs);
    Map<Integer, Expression> filters = new HashMap<>();
    for (DeleteFile delete : deletes) {
      Long sequence = delete.dataSequenceNumber();
      newest = Math.max(newest, sequence == null ? Long.MAX_VALUE : sequence);
      String target = DeleteIndex.target(delete);
      if (target != null) {
        paths.add(target);
      } else {
        byPathAlone = false;
        everywhere |= DeleteIndex.isGlobal(delete, specs);
        wide.add(delete.specId(), delete.partition());
      }
      PartitionSpec spec = specs.get(delete.specId());
      if (spec != null && partitions.add(delete.specId(), delete.partition())) {
        filters.merge(delete.specId(), filter(spec, delete.partition()), Expressions::or);
      }
    }
    unfound.addAll(paths);
    if (!everywhere && partitions.size() <= MOST_PARTITIONS) {
      filters.forEach(
          (id, filter) -> {
            PartitionSpec spec = specs.get(id);
            if (spec != null) {
              evaluators.put(id, ManifestEvaluator.forPartitionFilter(filter, spec, true));
            }
          });
    }
  }

  private static Expression filter(PartitionSpec spec, StructLike partition) {
    Expression filter = Expressions.alwaysTrue();
    List<NestedField> fields = spec.partitionType().fields();
    for (int i = 0; i < fields.size(); i++) {
      String name = fields.get(i).name();
      Object value = partition.get(i, Object.class);
      Expression same =
          value == null
              ? Expressions.isNull(name)
              : NaNUtil.isNaN(value) ? Expressions.isNaN(name) : Expressions.equal(name, value);
      filter = Expressions.and(filter, same);
    }
    return filter;
  }

  /** Whether all files are found that there can be. */
  boolean allFound() {
    return byPathAlone && unfound.isEmpty();
  }

  boolean mayBeIn(ManifestFile manifest) {
    if (manifest.minSequenceNumber() > newest) {
      return false;
    }
    if (everywhere || evaluators.isEmpty()) {
      return true;
    }
    // A spec that no delete has cannot have their partitions.
    ManifestEvaluator evaluator = evaluators.get(manifest.partitionSpecId());
    return evaluator != null && evaluator.eval(manifest);
  }

  boolean hits(DataFile file) {
    if (paths.contains(file.location())) {
      unfound.remove(file.location());
      return true;
    }
    return !byPathAlone
        && DeleteIndex.sequence(file) <= newest
        && (everywhere || wide.contains(file.specId(), file.partition()));
  }
}
