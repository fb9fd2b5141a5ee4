package dev.firn.cli;

import java.io.InputStream;
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
  private static final List<String> COMMANDS =
      List.of("--help", "help scan", "scan --help", "init", "describe");

  private Training() {}

  /** Runs them; a failing one fails the process, and the launcher goes on without an archive. */
  public static void main(String[] arguments) {
    PrintStream err =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    for (String command : COMMANDS) {
      int code =
          Firn.run(
              command.split(" "),
              InputStream.nullInputStream(),
              OutputStream.nullOutputStream(),
              err);
      if (code != 0) {
        System.exit(code);
      }
    }
  }
}
