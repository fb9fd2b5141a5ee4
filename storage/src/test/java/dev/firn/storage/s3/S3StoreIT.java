package dev.firn.storage.s3;

import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.scheme.SchemeFileIO;
import dev.firn.testing.S3Server;
import dev.firn.testing.TestServers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(TestServers.class)
class S3StoreIT extends StoreContract {
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
  protected Store files() {
    return files;
  }

  @Override
  protected String root() {
    return bucket + "/lake";
  }
}
