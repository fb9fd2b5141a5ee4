package dev.firn.compaction.verify;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.UnaryOperator;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.io.FileIO;
import org.apache.iceberg.io.InputFile;
import org.jspecify.annotations.Nullable;

/** Collects what is found. Thread-safe. */
final class Findings {
  private final UnaryOperator<RuntimeException> failures;
  private final List<Finding> found = new ArrayList<>();
  private long all;

  Findings(UnaryOperator<RuntimeException> failures) {
    this.failures = failures;
  }

  void add(
      Finding.Kind kind,
      String file,
      String detail,
      @Nullable Object expected,
      @Nullable Object got) {
    Finding finding =
        new Finding(kind, file, detail, String.valueOf(expected), String.valueOf(got));
    synchronized (this) {
      all++;
      // Errors take the place of warnings where there is none left.
      if (found.size() < Verification.MOST_FINDINGS) {
        found.add(finding);
      } else if (finding.severity() == Finding.Severity.ERROR) {
        int last = found.size() - 1;
        while (last >= 0 && found.get(last).severity() == Finding.Severity.ERROR) {
          last--;
        }
        if (last >= 0) {
          found.set(last, finding);
        }
      }
    }
  }

  /** Adds it where the two differ. */
  void require(Finding.Kind kind, String file, String detail, long expected, long got) {
    if (expected != got) {
      add(kind, file, detail, expected, got);
    }
  }

  synchronized long all() {
    return all;
  }

  synchronized List<Finding> sorted() {
    return found.stream()
        .sorted(
            Comparator.comparing(Finding::severity)
                .thenComparing(Finding::file)
                .thenComparing(Finding::kind)
                .thenComparing(Finding::detail))
        .toList();
  }

  /** Reads a file; what of it does not read is a finding, but that the store is away is not. */
  boolean reading(String file, Runnable read) {
    try {
      read.run();
      return true;
    } catch (CancellationException e) {
      throw e;
    } catch (RuntimeException e) {
      RuntimeException known = failures.apply(e);
      if (known instanceof FirnException failure && isNotTheFiles(failure.kind())) {
        throw failure;
      }
      add(Finding.Kind.UNREADABLE, file, "", "a readable file", message(e));
      return false;
    }
  }

  private static boolean isNotTheFiles(ErrorKind kind) {
    return kind == ErrorKind.UNAVAILABLE || kind == ErrorKind.INTERNAL;
  }

  private static String message(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  /** Whether the file is there; another size than that is told. Negative: any size. */
  boolean there(FileIO io, String file, long size, Finding.Kind missing) {
    long got = length(io, file);
    if (got < 0) {
      add(missing, file, "", size < 0 ? "a file" : size + " bytes", "none");
      return false;
    }
    if (size >= 0 && got != size) {
      add(Finding.Kind.FILE_SIZE, file, "", size + " bytes", got + " bytes");
    }
    return true;
  }

  /** Negative where there is none. */
  private long length(FileIO io, String file) {
    try {
      InputFile input = io.newInputFile(file);
      try {
        return input.getLength();
      } catch (RuntimeException e) {
        if (!input.exists()) {
          return -1;
        }
        throw e;
      }
    } catch (NotFoundException e) {
      return -1;
    } catch (RuntimeException e) {
      throw failures.apply(e);
    }
  }
}
