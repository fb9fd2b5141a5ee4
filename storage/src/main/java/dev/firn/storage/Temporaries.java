package dev.firn.storage;

import java.nio.charset.StandardCharsets;
import java.util.UUID;

/**
 * Names of the hidden siblings that files are written through where a store shows unfinished files:
 * {@code .<hash of the file's name>-<random>.firn-tmp}. So those that a killed writer left are
 * found by the name of the file that it was writing, and racing writers of one file have one each.
 * The hash keeps them within the length of a name. Stateless.
 */
public final class Temporaries {
  /** What all of them end with. */
  public static final String SUFFIX = ".firn-tmp";

  private Temporaries() {}

  /** Returns a name for the next writer of the file of this name. */
  public static String next(String fileName) {
    return prefix(fileName) + UUID.randomUUID().toString().substring(0, 18) + SUFFIX;
  }

  /** Returns what the names of all siblings of the file of this name begin with. */
  public static String prefix(String fileName) {
    byte[] name = fileName.getBytes(StandardCharsets.UTF_8);
    return "." + UUID.nameUUIDFromBytes(name).toString().replace("-", "") + "-";
  }

  /** Whether a file of this name is such a sibling, of whatever file. */
  public static boolean named(String fileName) {
    return fileName.startsWith(".") && fileName.endsWith(SUFFIX);
  }

  /** Whether the file at {@code sibling} is such a sibling of the file at {@code location}. */
  public static boolean belongs(String sibling, String location) {
    int end = sibling.lastIndexOf('/') + 1;
    String name = sibling.substring(end);
    return named(name)
        && location.lastIndexOf('/') + 1 == end
        && location.startsWith(sibling.substring(0, end))
        && name.startsWith(prefix(location.substring(end)));
  }
}
