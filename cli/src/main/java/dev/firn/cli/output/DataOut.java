package dev.firn.cli.output;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;

/** Text to stdout in UTF-8, buffered; a closed pipe is told apart from a failing disk. */
public final class DataOut extends Writer {
  private static final int BUFFER_CHARS = 1 << 15;

  private final Writer out;

  /** Borrows {@code out}: closing flushes it and leaves it open. */
  public DataOut(OutputStream out) {
    this.out =
        new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8), BUFFER_CHARS);
  }

  private interface Action {
    void run() throws IOException;
  }

  private static void guard(Action action) {
    try {
      action.run();
    } catch (IOException e) {
      String message = String.valueOf(e.getMessage());
      if (message.contains("Broken pipe") || message.contains("Connection reset")) {
        throw new OutputClosed(e);
      }
      throw new UncheckedIOException("cannot write to stdout: " + message, e);
    }
  }

  @Override
  public void write(char[] chars, int offset, int length) {
    guard(() -> out.write(chars, offset, length));
  }

  @Override
  public void write(String text) {
    guard(() -> out.write(text));
  }

  @Override
  public void write(int character) {
    guard(() -> out.write(character));
  }

  /** Writes the text and a line feed. */
  public void line(String text) {
    write(text);
    write('\n');
  }

  @Override
  public void flush() {
    guard(out::flush);
  }

  @Override
  public void close() {
    flush();
  }
}
