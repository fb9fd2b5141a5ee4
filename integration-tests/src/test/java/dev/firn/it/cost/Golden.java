package dev.firn.it.cost;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * A file of blocks, each a line {@code [title]} and the lines of its text, after a head of comment
 * lines. Blocks are replaced one by one, and keep their order. Confined to one thread.
 */
final class Golden {
  private final Path file;
  private final List<String> head = new ArrayList<>();
  private final Map<String, List<String>> blocks = new LinkedHashMap<>();

  private Golden(Path file) {
    this.file = file;
  }

  /** Reads the file; one that is not there has no blocks. */
  static Golden read(Path file) throws IOException {
    Golden golden = new Golden(file);
    List<String> block = golden.head;
    for (String line : Files.exists(file) ? Files.readAllLines(file, UTF_8) : List.<String>of()) {
      if (line.startsWith("[") && line.endsWith("]")) {
        block = new ArrayList<>();
        golden.blocks.put(line.substring(1, line.length() - 1), block);
      } else if (!line.isBlank()) {
        block.add(line);
      }
    }
    return golden;
  }

  /** Returns the block's lines; of a block that is not there, none. */
  List<String> block(String title) {
    return List.copyOf(blocks.getOrDefault(title, List.of()));
  }

  /** Replaces the block, or adds it in the end, and writes the file. */
  void put(String title, List<String> lines) throws IOException {
    blocks.put(title, List.copyOf(lines));
    write();
  }

  private void write() throws IOException {
    String text =
        blocks.entrySet().stream()
            .map(e -> "\n[" + e.getKey() + "]\n" + lines(e.getValue()))
            .collect(Collectors.joining("", lines(head), ""));
    Files.createDirectories(file.getParent());
    Files.writeString(file, text, UTF_8);
  }

  private static String lines(List<String> lines) {
    return lines.stream().map(line -> line + "\n").collect(Collectors.joining());
  }

  /** Returns both texts, line by line, what is only in the file marked -, what is not in it +. */
  static String difference(List<String> expected, List<String> actual) {
    List<String> lines = new ArrayList<>();
    List<String> left = new ArrayList<>(expected);
    for (String line : actual) {
      int at = left.indexOf(line);
      if (at < 0) {
        lines.add("+ " + line);
      } else {
        left.subList(0, at).forEach(gone -> lines.add("- " + gone));
        left.subList(0, at + 1).clear();
        lines.add("  " + line);
      }
    }
    left.forEach(gone -> lines.add("- " + gone));
    return String.join("\n", lines);
  }
}
