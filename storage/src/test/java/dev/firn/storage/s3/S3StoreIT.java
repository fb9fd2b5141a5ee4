package dev.firn.storage;

import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import org.apache.iceberg.io.DelegateFileIO;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class S3FileIOIT extends FileIOContract {
  private final SchemeFileIO files = new SchemeFileIO();
  private String bucket;

  @BeforeEach
  void connect(S3Server server) {
    bucket = server.newBucket();
    files.initialize(server.properties());
  }

  @AfterEach
  void disconnect() {
    files.close();
  }

  @Override
  DelegateFileIO files() {
    return files;
  }

  @Override
  String root() {
    return bucket + "/lake";
  }
}
