package dev.firn.catalog.error;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlFailuresTest {
  @ParameterizedTest
  @CsvSource({
    "5, UNAVAILABLE, another process holds",
    "6, UNAVAILABLE, another process holds",
    "8, INVALID, cannot be opened for writing",
    "10, UNAVAILABLE, check the disk",
    "11, CORRUPT, restore it from a copy",
    "13, UNAVAILABLE, free space",
    "14, INVALID, write access",
    "26, CORRUPT, damaged",
    "1, INTERNAL, the driver says"
  })
  void sqliteCodesMeanWhatToDo(int code, ErrorKind kind, String remedy) {
    FirnException failure =
        SqlFailures.sqlite("do it", new SQLException("the driver says", null, code));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessageStartingWith("Cannot do it: ").hasMessageContaining(remedy);
  }

  @ParameterizedTest
  @CsvSource({
    "28P01, INVALID, jdbc.user",
    "42501, INVALID, rights",
    "3D000, NOT_FOUND, create the database first",
    "3F000, INVALID, currentSchema",
    "22001, INVALID, the driver says",
    "25006, UNAVAILABLE, not to a replica",
    "40001, CONFLICT, nothing was applied",
    "08006, UNAVAILABLE, accepts connections",
    "53300, UNAVAILABLE, overloaded",
    "55P03, UNAVAILABLE, overloaded",
    "57P01, UNAVAILABLE, cannot be reached",
    ", UNAVAILABLE, cannot be reached",
    "XX000, INTERNAL, SQLSTATE XX000"
  })
  void postgresqlStatesMeanWhatToDo(String state, ErrorKind kind, String remedy) {
    FirnException failure =
        SqlFailures.postgresql("do it", new SQLException("the driver says", state));

    assertThat(failure.kind()).isEqualTo(kind);
    assertThat(failure).hasMessageStartingWith("Cannot do it: ").hasMessageContaining(remedy);
  }

  @Test
  void poolWithoutAFreeConnectionSaysWhichPropertyToRaise() {
    SQLException timeout = new SQLTransientConnectionException("timed out after 5000ms");

    assertThat(SqlFailures.sqlite("do it", timeout))
        .hasMessageContaining("raise the property clients")
        .extracting(FirnException::kind)
        .isEqualTo(ErrorKind.UNAVAILABLE);
  }

  @Test
  void poolsErrorGivesTheDriversOwn() {
    SQLException refused = new SQLException("no such database", "3D000");

    assertThat(
            (Object)
                SqlFailures.origin(new SQLTransientConnectionException("timed out", null, refused)))
        .isSameAs(refused);
    assertThat((Object) SqlFailures.origin(refused)).isSameAs(refused);
  }
}
