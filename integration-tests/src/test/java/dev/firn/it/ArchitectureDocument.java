package dev.firn.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The two tables of {@code docs/architecture.md}. Immutable. */
record ArchitectureDocument(Map<String, Module> modules, List<Library> libraries) {
  private static final Pattern CODE = Pattern.compile("`([^`]+)`");
  private static final String NOTHING = "–";

  /** A module with main code: its packages, and the modules it names as usable. */
  record Module(String name, List<String> packages, List<String> uses) {}

  /** A library that only its owners use. */
  record Library(String name, List<String> packages, List<String> owners) {}

  static ArchitectureDocument read(Path file) throws IOException {
    return parse(Files.readString(file));
  }

  static ArchitectureDocument parse(String text) {
    Map<String, Module> modules = new LinkedHashMap<>();
    for (List<String> row : table(text, "| module |")) {
      modules.put(row.get(0), new Module(row.get(0), codes(row.get(2)), names(row.get(3))));
    }
    List<Library> libraries = new ArrayList<>();
    for (List<String> row : table(text, "| library |")) {
      libraries.add(new Library(row.get(0), codes(row.get(1)), names(row.get(2))));
    }
    assertThat(modules).as("modules in the document").isNotEmpty();
    assertThat(libraries).as("libraries in the document").isNotEmpty();
    return new ArchitectureDocument(modules, libraries);
  }

  private static List<List<String>> table(String text, String header) {
    List<String> lines = text.lines().toList();
    List<List<String>> rows = new ArrayList<>();
    int start = 0;
    while (start < lines.size() && !lines.get(start).startsWith(header)) {
      start++;
    }
    for (int i = start + 2; i < lines.size() && lines.get(i).startsWith("|"); i++) {
      rows.add(
          Pattern.compile("\\|").splitAsStream(lines.get(i)).skip(1).map(String::strip).toList());
    }
    return rows;
  }

  private static List<String> codes(String cell) {
    return CODE.matcher(cell).results().map(match -> match.group(1)).toList();
  }

  private static List<String> names(String cell) {
    return cell.equals(NOTHING) ? List.of() : List.of(cell.split(",\\s*"));
  }

  /** Returns the module and everything that it may use, directly or through another. */
  Set<String> reach(String module) {
    Set<String> reached = new LinkedHashSet<>();
    collect(module, reached);
    return reached;
  }

  private void collect(String module, Set<String> reached) {
    assertThat(modules).as("a module that another row names").containsKey(module);
    if (reached.add(module)) {
      modules.get(module).uses().forEach(used -> collect(used, reached));
    }
  }
}
