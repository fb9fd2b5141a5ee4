package dev.firn.catalog.error;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.EOFException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.BadRequestException;
import org.apache.iceberg.exceptions.CommitFailedException;
import org.apache.iceberg.exceptions.CommitStateUnknownException;
import org.apache.iceberg.exceptions.ForbiddenException;
import org.apache.iceberg.exceptions.NamespaceNotEmptyException;
import org.apache.iceberg.exceptions.NoSuchNamespaceException;
import org.apache.iceberg.exceptions.NoSuchTableException;
import org.apache.iceberg.exceptions.NoSuchViewException;
import org.apache.iceberg.exceptions.NoSuchWarehouseException;
import org.apache.iceberg.exceptions.NotAuthorizedException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RESTException;
import org.apache.iceberg.exceptions.UnprocessableEntityException;
import org.apache.iceberg.exceptions.ValidationException;
import org.jspecify.annotations.Nullable;

/**
 * Translates what Iceberg, JDBC and the stores throw into {@link FirnException}, by what the caller
 * must do. Stateless.
 *
 * <p>How it works: by type, with an exception that Iceberg forces on us. {@code
 * ValidationException} means both "another writer came first" and "this request is wrong": the
 * checks against concurrent commits all stand in {@code MergingSnapshotProducer}, {@code
 * BaseRowDelta}, {@code ManifestFilterManager}, {@code DeleteFileIndex} and {@code SnapshotUtil},
 * and {@link #CONFLICTS} holds the beginnings of their messages; every other one is a bad request.
 */
public final class IcebergErrors {
  private static final List<String> CONFLICTS =
      List.of(
          "Found conflicting ",
          "Found new conflicting ",
          "Found concurrently added ",
          "Cannot commit, found new ",
          "Cannot commit, missing data files",
          "Missing required files to delete",
          "Cannot determine history between ",
          // Two vectors for one file since the base: others deleted from it twice.
          "Can't index multiple DVs for ");

  private IcebergErrors() {}

  /**
   * Returns {@code error} as what the caller must do about it; a {@link FirnException} as it is.
   * {@code doing} is the message's beginning: {@code "append to shop.orders"}.
   */
  public static FirnException translate(String doing, RuntimeException error) {
    if (error instanceof FirnException known) {
      return known;
    }
    if (error instanceof UncheckedIOException failed && failed.getCause() != null) {
      return io(doing, failed, failed.getCause());
    }
    if (error.getClass() == RuntimeException.class
        && error.getCause() instanceof RuntimeException cause) {
      return translate(doing, cause);
    }
    ErrorKind kind = kind(error);
    return failure(kind, doing, reason(error), remedy(kind, error), error);
  }

  /** Returns a database URI as it may be shown. */
  public static String withoutSecrets(String uri) {
    return uri.replaceAll("(?i)(password|secret|token|credential)=[^&;]*", "$1=…")
        .replaceAll("//[^/@]*:[^/@]*@", "//…@");
  }

  public static FirnException failure(
      ErrorKind kind, String doing, String reason, String remedy, Throwable cause) {
    return new FirnException(
        kind, "Cannot " + doing + ": " + withoutSecrets(reason) + remedy, cause);
  }

  private static FirnException io(String doing, UncheckedIOException error, IOException cause) {
    String text = reason(cause);
    if (text.toLowerCase(Locale.ROOT).contains("no space left")) {
      return failure(
          ErrorKind.UNAVAILABLE,
          doing,
          "the disk is full (" + text + ")",
          "; nothing was committed; free space and run it again",
          error);
    }
    boolean corrupt =
        cause instanceof FileNotFoundException
            || cause instanceof NoSuchFileException
            || cause instanceof EOFException
            || isOf(cause, "com.fasterxml.jackson.core.JacksonException");
    ErrorKind kind = corrupt ? ErrorKind.CORRUPT : ErrorKind.UNAVAILABLE;
    return failure(kind, doing, reason(error), remedy(kind, error), error);
  }

  private static ErrorKind kind(RuntimeException error) {
    if (error instanceof CommitStateUnknownException) {
      return ErrorKind.COMMIT_STATE_UNKNOWN;
    }
    if (error instanceof CommitFailedException) {
      return ErrorKind.CONFLICT;
    }
    if (error instanceof AlreadyExistsException) {
      return ErrorKind.ALREADY_EXISTS;
    }
    if (error instanceof NoSuchTableException
        || error instanceof NoSuchNamespaceException
        || error instanceof NoSuchViewException
        || error instanceof NoSuchWarehouseException) {
      return ErrorKind.NOT_FOUND;
    }
    // Iceberg looks for files only where metadata says that they are.
    if (error instanceof NotFoundException
        || isOf(error, "software.amazon.awssdk.services.s3.model.NoSuchKeyException")
        || isOf(error, "org.apache.avro.AvroRuntimeException")) {
      return ErrorKind.CORRUPT;
    }
    if (error instanceof ValidationException || error instanceof IllegalArgumentException) {
      return isConflict(error) ? ErrorKind.CONFLICT : ErrorKind.INVALID;
    }
    return remoteKind(error);
  }

  private static ErrorKind remoteKind(RuntimeException error) {
    if (error instanceof BadRequestException
        || error instanceof NotAuthorizedException
        || error instanceof ForbiddenException
        || error instanceof UnprocessableEntityException
        || error instanceof NamespaceNotEmptyException
        || error instanceof UnsupportedOperationException) {
      return ErrorKind.INVALID;
    }
    if (isOf(error, "software.amazon.awssdk.services.s3.model.NoSuchBucketException")) {
      return ErrorKind.NOT_FOUND;
    }
    if (error instanceof RESTException
        || error instanceof UncheckedIOException
        || isOf(error, "software.amazon.awssdk.core.exception.SdkException")) {
      return ErrorKind.UNAVAILABLE;
    }
    return ErrorKind.INTERNAL;
  }

  private static boolean isConflict(RuntimeException error) {
    String message = String.valueOf(error.getMessage());
    return CONFLICTS.stream().anyMatch(message::startsWith)
        || message.matches("(?s)Snapshot \\d+ is not an ancestor of \\d+.*");
  }

  private static String remedy(ErrorKind kind, RuntimeException error) {
    return switch (kind) {
      case CONFLICT ->
          "; another writer changed the same rows first: nothing was applied, try again";
      case COMMIT_STATE_UNKNOWN -> "; look whether the change is there before doing it again";
      case CORRUPT ->
          "; a file of the table is missing or damaged: restore it, or read an older snapshot";
      case UNAVAILABLE -> "; try again when it can be reached";
      case INTERNAL -> " (" + error.getClass().getName() + "); this is a defect in Firn, report it";
      case INVALID, NOT_FOUND, ALREADY_EXISTS -> "";
    };
  }

  static String reason(Throwable error) {
    String message = error.getMessage();
    return message == null || message.isBlank()
        ? error.getClass().getSimpleName()
        : message.strip();
  }

  /** By name: the class may not be on the class path. */
  private static boolean isOf(Throwable error, String type) {
    for (@Nullable Class<?> c = error.getClass(); c != null; c = c.getSuperclass()) {
      if (c.getName().equals(type)) {
        return true;
      }
    }
    return false;
  }
}
