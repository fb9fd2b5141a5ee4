package dev.firn.storage.local;

import dev.firn.storage.Locations;
import dev.firn.storage.Temporaries;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** The hidden siblings that local files are written through. Stateless. */
public final class LocalTemporaries {
  private LocalTemporaries() {}

  /** Returns a name for the file's next writer, in the file's directory. */
  static Path next(Path directory, Path target) {
    return directory.resolve(Temporaries.next(name(target)));
  }

  /** Whether a file of this name is such a sibling, of whatever file. */
  public static boolean named(String fileName) {
    return Temporaries.named(fileName);
  }

  /** Whether the file at {@code sibling} is such a sibling of the file at {@code location}. */
  public static boolean belongs(String sibling, String location) {
    if (!Locations.local(sibling) || !Locations.local(location)) {
      return Temporaries.belongs(sibling, location);
    }
    Path temporary = Locations.localPath(sibling).toAbsolutePath();
    Path target = Locations.localPath(location).toAbsolutePath();
    return Objects.equals(temporary.getParent(), target.getParent())
        && Temporaries.named(name(temporary))
        && name(temporary).startsWith(Temporaries.prefix(name(target)));
  }

  /** Removes the siblings of a file, where it is local, and returns how many there were. */
  public static int remove(String location) {
    if (!Locations.local(location)) {
      return 0;
    }
    List<Path> left = of(location);
    for (Path each : left) {
      try {
        Files.deleteIfExists(each);
      } catch (IOException e) {
        throw LocalFailure.translate("delete", each.toString(), e);
      }
    }
    return left.size();
  }

  private static List<Path> of(String location) {
    Path target = Locations.localPath(location).toAbsolutePath();
    Path directory = target.getParent();
    List<Path> found = new ArrayList<>();
    if (directory == null) {
      return found;
    }
    try (DirectoryStream<Path> files =
        Files.newDirectoryStream(
            directory, Temporaries.prefix(name(target)) + "*" + Temporaries.SUFFIX)) {
      files.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw LocalFailure.translate("list", directory.toString(), e);
    }
    return found;
  }

  private static String name(Path path) {
    return String.valueOf(path.getFileName());
  }
}
