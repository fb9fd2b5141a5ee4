package dev.firn.cli.command;

import dev.firn.error.FirnException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.jspecify.annotations.Nullable;

/** A file with the token that a reader of changes goes on from; replaced whole. */
final class TokenFile {
  private final Path path;

  TokenFile(Path directory, String name) {
    this.path = directory.resolve(name);
  }

  /** Returns the token; null where there is no file yet, or it is empty. */
  @Nullable String read() {
    try {
      String token = Files.readString(path).strip();
      return token.isEmpty() ? null : token;
    } catch (NoSuchFileException e) {
      return null;
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot read token file %s: %s".formatted(path, e.getMessage()), e);
    }
  }

  void write(String token) {
    Path fresh = path.resolveSibling(path.getFileName() + ".new");
    try {
      Files.writeString(fresh, token + "\n");
      Files.move(fresh, path, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw FirnException.unavailable(
          "Cannot write token file %s: %s; the token is %s".formatted(path, e.getMessage(), token),
          e);
    }
  }
}
