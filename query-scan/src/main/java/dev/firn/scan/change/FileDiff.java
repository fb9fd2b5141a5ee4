package dev.firn.scan.change;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.apache.iceberg.BaseFileScanTask;
import org.apache.iceberg.DataFile;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.ManifestFile;
import org.apache.iceberg.PartitionSpec;
import org.apache.iceberg.PartitionSpecParser;
import org.apache.iceberg.SchemaParser;
import org.apache.iceberg.Table;
import org.apache.iceberg.expressions.Expressions;
import org.apache.iceberg.expressions.ResidualEvaluator;

/**
 * Finds the data files whose rows may differ between two states. Confined to one thread.
 *
 * <p>How it works: manifests never change, so one that both states have says nothing; of the others
 * the files are compared by location. Of a delete file that one state alone has, the data files are
 * looked for that it is for. What applies to the files found is asked of the delete manifests, but
 * of those that are older than all of them.
 */
final class FileDiff {
  private static final DeleteFile[] NO_DELETES = new DeleteFile[0];

  private final Table table;
  private final Map<Integer, String[]> texts = new HashMap<>();

  FileDiff(Table table) {
    this.table = table;
  }

  FileChanges of(ChangeStep step) {
    StateFiles after = new StateFiles(table, step.after());
    if (step.appended()) {
      List<FileScanTask> added = new ArrayList<>();
      after.added(step.after()).forEach(file -> added.add(task(file, List.of())));
      return new FileChanges(List.of(), added, List.of());
    }
    return between(new StateFiles(table, step.before()), after);
  }

  private FileChanges between(StateFiles before, StateFiles after) {
    Map<String, DataFile> removed = before.dataNotIn(after);
    Map<String, DataFile> added = after.dataNotIn(before);
    List<DataFile[]> both = new ArrayList<>();
    added
        .values()
        .removeIf(
            file -> {
              DataFile old = removed.remove(file.location());
              if (old != null && DeleteIndex.sequence(old) != DeleteIndex.sequence(file)) {
                both.add(new DataFile[] {old, file});
              }
              return old != null;
            });
    Set<String> known = new HashSet<>(added.keySet());
    both.forEach(pair -> known.add(pair[1].location()));
    remarked(before, after, known).forEach(file -> both.add(new DataFile[] {file, file}));
    return tasks(before, after, removed.values(), added.values(), both);
  }

  /** The files of both states, of which the one has a delete file that the other has not. */
  private Collection<DataFile> remarked(StateFiles before, StateFiles after, Set<String> known) {
    Map<String, DeleteFile> gone = before.deletesNotIn(after);
    Map<String, DeleteFile> changed = after.deletesNotIn(before);
    Set<String> carried = new HashSet<>(gone.keySet());
    carried.retainAll(changed.keySet());
    changed.putAll(gone);
    changed.keySet().removeAll(carried);
    return changed.isEmpty() ? List.of() : targets(changed.values(), after, known);
  }

  private Collection<DataFile> targets(
      Collection<DeleteFile> deletes, StateFiles state, Set<String> known) {
    DeleteTargets targets = new DeleteTargets(table.specs(), deletes);
    Map<String, DataFile> found = new HashMap<>();
    for (ManifestFile manifest : state.data()) {
      if (targets.allFound()) {
        break;
      }
      if (targets.mayBeIn(manifest)) {
        state.readData(
            manifest,
            file -> {
              if (targets.hits(file) && !known.contains(file.location())) {
                found.put(file.location(), file.copyWithoutStats());
              }
            });
      }
    }
    return found.values();
  }

  private FileChanges tasks(
      StateFiles before,
      StateFiles after,
      Collection<DataFile> removed,
      Collection<DataFile> added,
      List<DataFile[]> both) {
    List<DataFile> old = new ArrayList<>(removed);
    List<DataFile> current = new ArrayList<>(added);
    both.forEach(
        pair -> {
          old.add(pair[0]);
          current.add(pair[1]);
        });
    DeleteIndex oldDeletes = index(before, old);
    DeleteIndex currentDeletes = index(after, current);
    List<FileChanges.Marked> marked = new ArrayList<>();
    for (DataFile[] pair : both) {
      Map<String, DeleteFile> was = oldDeletes.of(pair[0]);
      Map<String, DeleteFile> is = currentDeletes.of(pair[1]);
      if (!was.keySet().equals(is.keySet())) {
        marked.add(new FileChanges.Marked(task(pair[0], was.values()), task(pair[1], is.values())));
      }
    }
    return new FileChanges(
        removed.stream().map(file -> task(file, oldDeletes.of(file).values())).toList(),
        added.stream().map(file -> task(file, currentDeletes.of(file).values())).toList(),
        marked);
  }

  private DeleteIndex index(StateFiles state, List<DataFile> files) {
    if (files.isEmpty()) {
      return new DeleteIndex(table.specs());
    }
    Set<String> locations = new HashSet<>();
    long oldest = Long.MAX_VALUE;
    for (DataFile file : files) {
      locations.add(file.location());
      oldest = Math.min(oldest, DeleteIndex.sequence(file));
    }
    return state.deletes(
        oldest,
        delete -> {
          String target = DeleteIndex.target(delete);
          return target == null || locations.contains(target);
        });
  }

  /** A task of all rows that are in the file. */
  FileScanTask withoutDeletes(DataFile file) {
    return task(file, List.of());
  }

  private FileScanTask task(DataFile file, Collection<DeleteFile> deletes) {
    PartitionSpec spec = Objects.requireNonNull(table.specs().get(file.specId()));
    String[] text =
        texts.computeIfAbsent(
            file.specId(),
            id ->
                new String[] {
                  SchemaParser.toJson(spec.schema()), PartitionSpecParser.toJson(spec)
                });
    return new BaseFileScanTask(
        file,
        deletes.toArray(NO_DELETES),
        text[0],
        text[1],
        ResidualEvaluator.of(spec, Expressions.alwaysTrue(), true));
  }
}
