package dev.firn.catalog.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.apache.iceberg.exceptions.ServiceUnavailableException;
import org.apache.iceberg.exceptions.ValidationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class IcebergErrorsTest {
  static Stream<Arguments> errors() {
    return Stream.of(
        of(ErrorKind.NOT_FOUND, new NoSuchTableException("Table does not exist: a.b")),
        of(ErrorKind.NOT_FOUND, new NoSuchNamespaceException("Namespace does not exist: a")),
        of(ErrorKind.CORRUPT, new NotFoundException("no such manifest")),
        of(ErrorKind.ALREADY_EXISTS, new AlreadyExistsException("Table already exists: a.b")),
        of(ErrorKind.CONFLICT, new CommitFailedException("stale")),
        of(ErrorKind.CONFLICT, new ValidationException("Found conflicting files that can …")),
        of(ErrorKind.CONFLICT, new ValidationException("Missing required files to delete: f")),
        of(ErrorKind.CONFLICT, new IllegalArgumentException("Snapshot 1 is not an ancestor of 2")),
        of(ErrorKind.INVALID, new ValidationException("Cannot set properties to null")),
        of(ErrorKind.INVALID, new IllegalArgumentException("Cannot find field x")),
        of(ErrorKind.INVALID, new BadRequestException("bad")),
        of(
            ErrorKind.COMMIT_STATE_UNKNOWN,
            new CommitStateUnknownException(new RuntimeException("lost"))),
        of(ErrorKind.UNAVAILABLE, new ServiceUnavailableException("503")),
        of(ErrorKind.UNAVAILABLE, new UncheckedIOException(new ConnectException("refused"))),
        of(
            ErrorKind.UNAVAILABLE,
            new RuntimeIOException(new IOException("No space left on device"))),
        of(ErrorKind.CORRUPT, new RuntimeIOException(new NoSuchFileException("f"))),
        of(ErrorKind.CORRUPT, new RuntimeIOException(new EOFException("short"))),
        of(ErrorKind.INVALID, new UnsupportedOperationException("no")),
        of(ErrorKind.CONFLICT, new RuntimeException(new CommitFailedException("inside"))),
        of(ErrorKind.INTERNAL, new IllegalStateException("never")));
  }

  private static Arguments of(ErrorKind kind, RuntimeException error) {
    return Arguments.of(kind, error);
  }

  @ParameterizedTest
  @MethodSource("errors")
  void classesByWhatToDo(ErrorKind kind, RuntimeException error) {
    FirnException translated = IcebergErrors.translate("append to shop.orders", error);

    assertThat(translated.kind()).isEqualTo(kind);
    assertThat(translated).hasMessageStartingWith("Cannot append to shop.orders: ");
    assertThat(translated.getCause()).isNotNull();
  }

  @Test
  void ownErrorsPassThrough() {
    FirnException own = FirnException.invalid("Cannot do it");

    assertThat(IcebergErrors.translate("x", own)).isSameAs(own);
  }

  @Test
  void conflictSaysThatNothingWasApplied() {
    assertThat(IcebergErrors.translate("append to a.b", new CommitFailedException("stale")))
        .hasMessage(
            "Cannot append to a.b: stale; another writer changed the same rows first: nothing was applied, try again");
  }

  @Test
  void secretsAreHidden() {
    assertThat(IcebergErrors.withoutSecrets("jdbc:postgresql://h/d?user=a&password=pw&ssl=true"))
        .isEqualTo("jdbc:postgresql://h/d?user=a&password=…&ssl=true");
    assertThat(IcebergErrors.withoutSecrets("https://ann:pw@host/x")).isEqualTo("https://…@host/x");
  }
}
