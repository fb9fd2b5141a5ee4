package dev.firn.ingest.read;

import dev.firn.error.FirnException;
import dev.firn.error.NearMatch;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The files of one load, in a fixed order: the inputs as given, directories and globs by path.
 * Immutable. Owns the temporary copies of inputs that can be read only once (standard input, pipes)
 * and deletes them when closed.
 *
 * <p>A directory contributes every file below it whose name tells a known format; hidden files and
 * those that begin with an underscore are left out. A glob ({@code *}, {@code ?}, {@code **},
 * {@code [a-z]}, {@code {a,b}}) contributes every file that it matches. A file named outright is
 * read whatever its name, its format found by content.
 */
public final class InputSet implements AutoCloseable {
  private static final String STDIN = "-";

  private final List<Source> sources = new ArrayList<>();
  private final List<String> notes = new ArrayList<>();
  private final List<Path> temporary = new ArrayList<>();
  private final @Nullable InputFormat format;

  private InputSet(@Nullable InputFormat format) {
    this.format = format;
  }

  /**
   * Finds the files. {@code stdin} is read, to its end, only where an input is "-".
   *
   * @throws FirnException (not found) where an input names nothing
   */
  public static InputSet open(
      List<String> inputs, @Nullable InputFormat format, InputStream stdin) {
    InputSet set = new InputSet(format);
    boolean done = false;
    try {
      for (String input : inputs) {
        set.add(input, stdin);
      }
      if (set.sources.isEmpty()) {
        throw FirnException.invalid("Cannot load: no input was given; name a file, or - for stdin");
      }
      done = true;
      return set;
    } finally {
      if (!done) {
        set.close();
      }
    }
  }

  private void add(String input, InputStream stdin) {
    if (input.equals(STDIN)) {
      addOnce("stdin", stdin);
      return;
    }
    Path path = Path.of(input);
    try {
      if (Files.isDirectory(path)) {
        addDirectory(path);
      } else if (Files.isRegularFile(path)) {
        addFile(path, input);
      } else if (Files.exists(path)) {
        try (InputStream pipe = Files.newInputStream(path)) {
          addOnce(input, pipe);
        }
      } else if (isGlob(input)) {
        addGlob(input);
      } else {
        throw missing(path, input);
      }
    } catch (IOException e) {
      throw FirnException.unavailable("Cannot read %s: %s".formatted(input, e), e);
    }
  }

  private static boolean isGlob(String input) {
    return input.chars().anyMatch(c -> c == '*' || c == '?' || c == '[' || c == '{');
  }

  private static FirnException missing(Path path, String input) throws IOException {
    Path parent = path.toAbsolutePath().getParent();
    String hint = "";
    if (parent != null && Files.isDirectory(parent)) {
      try (Stream<Path> near = Files.list(parent)) {
        List<String> names = near.map(p -> String.valueOf(p.getFileName())).toList();
        hint = NearMatch.hint(String.valueOf(path.getFileName()), names);
      }
    }
    return FirnException.notFound("Cannot load %s: there is no such file%s".formatted(input, hint));
  }

  private void addDirectory(Path directory) throws IOException {
    List<Path> found = new ArrayList<>();
    int skipped = 0;
    for (Path file : filesBelow(directory)) {
      if (format != null || FormatSniffer.byName(file.toString()) != null) {
        found.add(file);
      } else {
        skipped++;
      }
    }
    if (found.isEmpty()) {
      throw FirnException.notFound(
          "Cannot load %s: the directory holds no csv, json, ndjson, parquet or arrow file; name the files, or give --format"
              .formatted(directory));
    }
    if (skipped > 0) {
      String files = skipped == 1 ? "file" : "files";
      notes.add("%s: left out %d %s of unknown format".formatted(directory, skipped, files));
    }
    for (Path file : found) {
      addFile(file, file.toString());
    }
  }

  private static List<Path> filesBelow(Path directory) throws IOException {
    try (Stream<Path> walk = Files.walk(directory)) {
      return walk.filter(Files::isRegularFile)
          .filter(file -> !hidden(directory.relativize(file)))
          .sorted()
          .toList();
    }
  }

  private static boolean hidden(Path relative) {
    for (Path part : relative) {
      if (part.toString().startsWith(".") || part.toString().startsWith("_")) {
        return true;
      }
    }
    return false;
  }

  private void addGlob(String glob) throws IOException {
    Path base = Path.of(glob).isAbsolute() ? Path.of("/") : Path.of("");
    for (Path part : Path.of(glob)) {
      if (isGlob(part.toString())) {
        break;
      }
      base = base.resolve(part);
    }
    PathMatcher matcher = FileSystems.getDefault().getPathMatcher("glob:" + glob);
    List<Path> found = new ArrayList<>();
    Path start = base.toString().isEmpty() ? Path.of(".") : base;
    if (Files.isDirectory(start)) {
      try (Stream<Path> walk = Files.walk(start)) {
        walk.map(p -> start.equals(Path.of(".")) ? p.normalize() : p)
            .filter(p -> matcher.matches(p) && Files.isRegularFile(p))
            .sorted()
            .forEach(found::add);
      }
    }
    if (found.isEmpty()) {
      throw FirnException.notFound("Cannot load %s: it matches no file".formatted(glob));
    }
    for (Path file : found) {
      addFile(file, file.toString());
    }
  }

  private void addFile(Path file, String name) throws IOException {
    byte[] head;
    try (InputStream in = Files.newInputStream(file)) {
      head = in.readNBytes(FormatSniffer.HEAD);
    }
    if (FormatSniffer.zstd(head)) {
      throw FirnException.invalid(
          "Cannot load %s: zstd files are not read; decompress it on the way: zstd -dc %s | firn load TABLE -"
              .formatted(name, name));
    }
    InputFormat known = format == null ? FormatSniffer.byName(name) : format;
    InputFormat found = known == null ? FormatSniffer.byContent(head) : known;
    boolean gzip = FormatSniffer.gzip(head);
    if (gzip && !found.text()) {
      throw FirnException.invalid(
          "Cannot load %s: a %s file is read in any order, so it cannot be gzipped; decompress it first"
              .formatted(name, found));
    }
    sources.add(new Source(name, file, Files.size(file), gzip, found));
  }

  private void addOnce(String name, InputStream bytes) {
    try {
      Path copy = Files.createTempFile("firn-load-", ".input");
      temporary.add(copy);
      Files.copy(bytes, copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
      byte[] head;
      try (InputStream in = Files.newInputStream(copy)) {
        head = in.readNBytes(FormatSniffer.HEAD);
      }
      InputFormat found = format == null ? FormatSniffer.byContent(head) : format;
      sources.add(new Source(name, copy, Files.size(copy), FormatSniffer.gzip(head), found));
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot keep %s in a temporary file: %s".formatted(name, e.getMessage()), e);
    }
  }

  /** Returns the files in the order in which they are loaded. */
  public List<Source> sources() {
    return List.copyOf(sources);
  }

  /** Returns the size of all files together, compressed where they are. */
  public long bytes() {
    return sources.stream().mapToLong(Source::size).sum();
  }

  /** Returns what a user should know about the choice of files. */
  public List<String> notes() {
    return List.copyOf(notes);
  }

  /** Returns the sources by format, each in order. */
  Map<InputFormat, List<Source>> byFormat() {
    Map<InputFormat, List<Source>> groups = new LinkedHashMap<>();
    for (Source source : sources) {
      groups.computeIfAbsent(source.format(), f -> new ArrayList<>()).add(source);
    }
    return groups;
  }

  /** Deletes the temporary copies. Idempotent. */
  @Override
  public void close() {
    for (Path copy : temporary) {
      try {
        Files.deleteIfExists(copy);
      } catch (IOException e) {
        copy.toFile().deleteOnExit();
      }
    }
    temporary.clear();
  }
}
