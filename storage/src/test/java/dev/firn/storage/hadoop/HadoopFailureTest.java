package dev.firn.storage.hadoop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.stream.Stream;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.ClusterStorageCapacityExceededException;
import org.apache.hadoop.ipc.RemoteException;
import org.apache.hadoop.ipc.StandbyException;
import org.apache.hadoop.security.AccessControlException;
import org.apache.iceberg.exceptions.AlreadyExistsException;
import org.apache.iceberg.exceptions.NotFoundException;
import org.apache.iceberg.exceptions.RuntimeIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class HadoopFailureTest {
  static Stream<Arguments> kinds() {
    return Stream.of(
        Arguments.of(new ConnectException("refused"), ErrorKind.UNAVAILABLE),
        Arguments.of(new SocketTimeoutException("slow"), ErrorKind.UNAVAILABLE),
        Arguments.of(new UnknownHostException("name"), ErrorKind.UNAVAILABLE),
        Arguments.of(new StandbyException("standby"), ErrorKind.UNAVAILABLE),
        Arguments.of(new ClusterStorageCapacityExceededException("q"), ErrorKind.UNAVAILABLE),
        Arguments.of(new AccessControlException("no"), ErrorKind.INVALID),
        Arguments.of(
            new RemoteException(AccessControlException.class.getName(), "no"), ErrorKind.INVALID),
        Arguments.of(new ChecksumException("bad", 7), ErrorKind.CORRUPT));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  void failuresAreOfTheKindThatTellsWhatToDo(IOException failure, ErrorKind kind) {
    assertThat(HadoopFailure.translate("read", "hdfs://a/f", failure))
        .isInstanceOf(FirnException.class)
        .hasMessageStartingWith("Cannot read file: ")
        .hasMessageContaining("[hdfs://a/f]")
        .extracting(e -> ((FirnException) e).kind())
        .isEqualTo(kind);
  }

  @Test
  void missingExistingAndOtherFailuresAreIcebergs() {
    assertThat(HadoopFailure.translate("read", "f", new FileNotFoundException("f")))
        .isInstanceOf(NotFoundException.class);
    assertThat(
            HadoopFailure.translate(
                "create",
                "f",
                new RemoteException(
                    org.apache.hadoop.fs.FileAlreadyExistsException.class.getName(), "f")))
        .isInstanceOf(AlreadyExistsException.class)
        .hasMessage("Cannot create file: it exists [f]");
    assertThat(HadoopFailure.translate("read", "f", new IOException("first line\nstack")))
        .isInstanceOf(RuntimeIOException.class)
        .hasMessage("Cannot read file: first line [f]");
  }
}
