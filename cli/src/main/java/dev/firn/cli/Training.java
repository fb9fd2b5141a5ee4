package dev.firn.cli;

import java.io.ByteArrayInputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Runs a few commands in the current directory, so that the JVM can archive the classes that they
 * load ({@code -XX:ArchiveClassesAtExit}). Run by the launcher after a build, in a directory that
 * it removes.
 */
final class Training {
  private static final List<List<String>> COMMANDS =
      List.of(
          List.of("--help"),
          List.of("help", "scan"),
          List.of("create", "a.b", "id bigint, name string", "--partition", "bucket(2, id)"),
          List.of("append", "a.b", "--format", "csv"),
          List.of("describe"),
          List.of("describe", "a.b"),
          List.of("snapshots", "a.b", "-o", "csv"),
          List.of("scan", "a.b", "--where", "id > 0 AND name IS NOT NULL", "-o", "json"),
          List.of("no-such-command"));

  private Training() {}

  /** Runs them. What fails is not archived, and does no harm. */
  public static void main(String[] arguments) {
    PrintStream err =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    byte[] rows = "id,name\n1,a\n2,b\n".getBytes(StandardCharsets.UTF_8);
    for (List<String> command : COMMANDS) {
      Firn.run(
          command.toArray(String[]::new),
          new ByteArrayInputStream(rows),
          OutputStream.nullOutputStream(),
          err);
    }
  }
}
