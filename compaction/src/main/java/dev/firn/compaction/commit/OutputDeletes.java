package dev.firn.compaction.commit;

import dev.firn.format.write.FileRegistrar;
import dev.firn.format.write.RowDeleteWriter;
import dev.firn.format.write.WrittenFiles;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.Table;

/**
 * The delete files with which outputs come into the table, written anew where more rows died since.
 * Mutable; confined to one thread. Owns what it has written until a commit takes it.
 */
final class OutputDeletes {
  private final Table table;
  private final FileRegistrar registrar;
  private List<DeleteFile> files = List.of();

  /** Of which outputs how many rows are marked in them. */
  private Map<String, Long> deadRows = Map.of();

  OutputDeletes(Table table, FileRegistrar registrar) {
    this.table = table;
    this.registrar = registrar;
  }

  /** Returns those of groups whose rows only ever die. */
  List<DeleteFile> of(List<RewrittenGroup> groups) {
    List<RewrittenGroup.Output> marked = new ArrayList<>();
    for (RewrittenGroup group : groups) {
      group.outputs().stream().filter(RewrittenGroup.Output::isMarked).forEach(marked::add);
    }
    // Of each output: the sum is the same where one dies whole and another begins to.
    Map<String, Long> dead = new HashMap<>();
    marked.forEach(output -> dead.put(output.file().location(), output.deadRows()));
    if (!dead.equals(deadRows)) {
      remove();
      files = marked.isEmpty() ? List.of() : write(marked);
      deadRows = dead;
    }
    return files;
  }

  private List<DeleteFile> write(List<RewrittenGroup.Output> marked) {
    try (RowDeleteWriter writer = RowDeleteWriter.open(table, registrar)) {
      marked.forEach(output -> output.writeTo(writer));
      return writer.complete().added();
    }
  }

  /** Removes them: they are part of no table. Never throws. */
  void remove() {
    List<String> locations = files.stream().map(DeleteFile::location).distinct().toList();
    registrar.removed(WrittenFiles.remove(table.io(), locations));
    files = List.of();
    deadRows = Map.of();
  }
}
