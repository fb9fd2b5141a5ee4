package dev.firn.compaction.maintain;

import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.iceberg.DeleteFile;
import org.apache.iceberg.FileContent;
import org.apache.iceberg.FileScanTask;
import org.apache.iceberg.util.ContentFileUtil;

/**
 * Which position delete files, of format version 2, are to be written anew, and of which data
 * files. Immutable.
 *
 * @param tasks the data files whose rows they take
 * @param going the delete files that nobody needs then
 */
public record PositionDeleteTasks(List<FileScanTask> tasks, List<DeleteFile> going) {
  public static final PositionDeleteTasks NONE = new PositionDeleteTasks(List.of(), List.of());

  public PositionDeleteTasks {
    tasks = List.copyOf(tasks);
    going = List.copyOf(going);
  }

  /** Whether it is a position delete file, and no deletion vector. */
  public static boolean isFile(DeleteFile delete) {
    return delete.content() == FileContent.POSITION_DELETES && !ContentFileUtil.isDV(delete);
  }

  /**
   * All of them, for deletion vectors to take their place.
   *
   * @param tasks all that they apply to
   * @param deletes all of the table: those that apply to nothing, or to files that have a vector,
   *     which holds them, go along
   */
  public static PositionDeleteTasks all(List<FileScanTask> tasks, Collection<DeleteFile> deletes) {
    return new PositionDeleteTasks(
        tasks, deletes.stream().filter(PositionDeleteTasks::isFile).toList());
  }

  /**
   * Those that share a data file with another, or share one that is to get more, and what these
   * share with others in turn; so that each data file has one of them then.
   *
   * @param tasks all that position delete files apply to
   * @param growing locations of data files that get another delete file anyway
   */
  public static PositionDeleteTasks crowded(List<FileScanTask> tasks, Set<String> growing) {
    Map<String, List<FileScanTask>> users = new HashMap<>();
    Map<String, DeleteFile> files = new LinkedHashMap<>();
    List<String> open = new ArrayList<>();
    Set<String> going = new HashSet<>();
    for (FileScanTask task : tasks) {
      List<DeleteFile> own = task.deletes().stream().filter(PositionDeleteTasks::isFile).toList();
      for (DeleteFile file : own) {
        files.put(file.location(), file);
        users.computeIfAbsent(file.location(), path -> new ArrayList<>()).add(task);
      }
      if (own.size() + (growing.contains(task.file().location()) ? 1 : 0) > 1) {
        own.stream().map(DeleteFile::location).filter(going::add).forEach(open::add);
      }
    }
    Map<String, FileScanTask> concerned = new LinkedHashMap<>();
    while (!open.isEmpty()) {
      for (FileScanTask task : users.getOrDefault(open.remove(open.size() - 1), List.of())) {
        if (concerned.putIfAbsent(task.file().location(), task) == null) {
          task.deletes().stream()
              .filter(PositionDeleteTasks::isFile)
              .map(DeleteFile::location)
              .filter(going::add)
              .forEach(open::add);
        }
      }
    }
    files.keySet().retainAll(going);
    return new PositionDeleteTasks(List.copyOf(concerned.values()), List.copyOf(files.values()));
  }
}
