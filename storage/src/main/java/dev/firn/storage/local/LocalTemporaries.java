package dev.firn.storage.local;

import dev.firn.storage.Locations;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.UUID;

/**
 * The hidden siblings that local files are written through, {@code .<hash of the file's
 * name>-<random>.firn-tmp}: so those that a killed writer left are found by the name of the file
 * that it was writing, and racing writers of one file have one each. The hash keeps them within the
 * length of a name. Stateless.
 */
public final class LocalTemporaries {
  private static final String SUFFIX = ".firn-tmp";

  private LocalTemporaries() {}

  /** Returns a name for the file's next writer, in the file's directory. */
  static Path next(Path directory, Path target) {
    return directory.resolve(
        prefix(target) + UUID.randomUUID().toString().substring(0, 18) + SUFFIX);
  }

  /** Whether a file of this name is such a sibling, of whatever file. */
  public static boolean named(String fileName) {
    return fileName.startsWith(".") && fileName.endsWith(SUFFIX);
  }

  /** Whether the file at {@code sibling} is such a sibling of the file at {@code location}. */
  public static boolean belongs(String sibling, String location) {
    if (!Locations.local(sibling) || !Locations.local(location)) {
      return false;
    }
    Path temporary = Locations.localPath(sibling).toAbsolutePath();
    Path target = Locations.localPath(location).toAbsolutePath();
    String name = String.valueOf(temporary.getFileName());
    return Objects.equals(temporary.getParent(), target.getParent())
        && name.endsWith(SUFFIX)
        && name.startsWith(prefix(target));
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
        Files.newDirectoryStream(directory, prefix(target) + "*" + SUFFIX)) {
      files.forEach(found::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    } catch (IOException e) {
      throw LocalFailure.translate("list", directory.toString(), e);
    }
    return found;
  }

  private static String prefix(Path target) {
    byte[] name = String.valueOf(target.getFileName()).getBytes(StandardCharsets.UTF_8);
    String hash = UUID.nameUUIDFromBytes(name).toString().replace("-", "");
    return "." + hash.toLowerCase(Locale.ROOT) + "-";
  }
}
