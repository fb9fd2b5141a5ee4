package dev.firn.cli;

import dev.firn.cli.run.Host;
import dev.firn.cli.run.Interruption;
import dev.firn.cli.run.Terminal;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Runs commands in process, in a directory of their own, and keeps what they print. */
final class Console {
  private final Path directory;
  private final Map<String, String> environment = new TreeMap<>();
  private Terminal terminal = Terminal.NONE;
  private String input = "";
  String out = "";
  String err = "";

  Console(Path directory) {
    this.directory = directory;
  }

  Console environment(String key, String value) {
    environment.put(key, value);
    return this;
  }

  Console terminal(Terminal other) {
    terminal = other;
    return this;
  }

  Console input(String text) {
    input = text;
    return this;
  }

  /** Runs one command; {@code arguments} are split at spaces, but for those given apart. */
  int run(String words, String... more) {
    List<String> arguments = new ArrayList<>(List.of(words.split(" ")));
    arguments.addAll(List.of(more));
    return run(arguments, new Interruption());
  }

  int run(List<String> arguments, Interruption interruption) {
    ByteArrayOutputStream outBytes = new ByteArrayOutputStream();
    ByteArrayOutputStream errBytes = new ByteArrayOutputStream();
    Host host =
        new Host(
            environment,
            directory,
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            outBytes,
            new PrintStream(errBytes, true, StandardCharsets.UTF_8),
            terminal);
    int code = Firn.run(arguments, host, interruption);
    out = outBytes.toString(StandardCharsets.UTF_8);
    err = errBytes.toString(StandardCharsets.UTF_8);
    return code;
  }

  /** Runs a command that must succeed, and returns what it printed. */
  String ok(String words, String... more) {
    int code = run(words, more);
    if (code != 0) {
      throw new AssertionError("firn " + words + " exited with " + code + ": " + err);
    }
    return out;
  }
}
