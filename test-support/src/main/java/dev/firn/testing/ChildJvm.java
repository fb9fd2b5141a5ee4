package dev.firn.testing;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A process that runs a main class of the test class path in a small JVM, to be killed. It lets
 * what it does be known by lines on its standard output: a line that it has printed can be read
 * even after it was killed. Confined to one thread.
 */
public final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader lines;
  private final Path errors;

  private ChildJvm(Process process, Path errors) {
    this.process = process;
    this.lines = process.inputReader(UTF_8);
    this.errors = errors;
  }

  /** Starts the class; what it prints as errors goes to the file. */
  public static ChildJvm start(Class<?> main, Path errors, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("@" + Path.of(System.getProperty("firn.root")).resolve("jvm.options"));
    // Short lives: what C2 would gain comes too late.
    command.addAll(
        List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xshare:auto", "-Xmx256m"));
    command.addAll(
        List.of("-Duser.timezone=UTC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=error"));
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    try {
      Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
      return new ChildJvm(process, errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String classPath() {
    String surefire = System.getProperty("surefire.test.class.path");
    return surefire == null ? System.getProperty("java.class.path") : surefire;
  }

  /**
   * Returns the next line that it prints.
   *
   * @throws IllegalStateException where it ended instead, with what it printed as errors
   */
  public String line() {
    try {
      String line = lines.readLine();
      if (line == null) {
        throw new IllegalStateException("The process ended by itself: " + Files.readString(errors));
      }
      return line;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets it run for so long, or until it ends by itself. */
  public void letRun(long millis) throws InterruptedException {
    boolean unused = process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** Tells it to go on, where it waits for a byte on its standard input. */
  public void go() {
    try {
      process.getOutputStream().write('\n');
      process.getOutputStream().flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Kills it at once and returns the lines that it had printed and nobody had read. */
  public List<String> kill() throws InterruptedException {
    // Not by the process itself, which would close the stream.
    process.toHandle().destroyForcibly();
    return rest();
  }

  /** Waits until it ends and returns the lines that nobody had read. */
  public List<String> rest() throws InterruptedException {
    try {
      List<String> rest = new ArrayList<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        rest.add(line);
      }
      process.waitFor();
      return rest;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns what it printed as errors so far. */
  public String errors() {
    try {
      return Files.readString(errors);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
