package dev.firn.cli.run;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/**
 * The world outside the command, as values, so that tests can put another one in its place. Borrows
 * the streams.
 *
 * @param directory what relative paths start from
 * @param out receives data alone; not buffered
 * @param err receives messages, progress and logs
 */
public record Host(
    Map<String, String> environment,
    Path directory,
    InputStream in,
    OutputStream out,
    PrintStream err,
    Terminal terminal) {
  public Host {
    environment = Map.copyOf(environment);
    directory = directory.toAbsolutePath().normalize();
  }

  /** The process's own. */
  public static Host ofProcess() {
    return new Host(
        System.getenv(),
        Path.of(""),
        // A channel's read ends when its thread is interrupted; System.in's does not.
        Channels.newInputStream(new FileInputStream(FileDescriptor.in).getChannel()),
        // Not System.out, which swallows the error of a closed pipe.
        new FileOutputStream(FileDescriptor.out),
        new PrintStream(new FileOutputStream(FileDescriptor.err), true, StandardCharsets.UTF_8),
        Terminal.detect());
  }

  /** The process's environment and directory, with other streams and no terminal. */
  public static Host of(InputStream in, OutputStream out, PrintStream err) {
    return new Host(System.getenv(), Path.of(""), in, out, err, Terminal.NONE);
  }
}
