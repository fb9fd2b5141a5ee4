package dev.firn.storage.s3;

import static org.junit.jupiter.api.Assumptions.abort;

import dev.firn.storage.Store;
import dev.firn.storage.StoreContract;
import dev.firn.storage.scheme.SchemeFileIO;
import java.net.URI;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.containers.MinIOContainer;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;

/** The contract, on MinIO in a container. */
class MinioStoreIT extends StoreContract {
  private static final String IMAGE = "minio/minio:RELEASE.2025-04-22T22-12-26Z";

  private static MinIOContainer server;

  private final SchemeFileIO files = new SchemeFileIO();
  private final String bucket = "lake-" + UUID.randomUUID();

  @BeforeAll
  static void start() {
    if (!DockerClientFactory.instance().isDockerAvailable()) {
      String reason =
          "MinioStoreIT is skipped: no Docker daemon answers. To run it: start Docker, then"
              + " mvn -pl storage -am verify -Dit.test=MinioStoreIT"
              + " -Dsurefire.failIfNoSpecifiedTests=false -Dfailsafe.failIfNoSpecifiedTests=false";
      System.out.println(reason);
      abort(reason);
    }
    server = new MinIOContainer(IMAGE);
    server.start();
  }

  @AfterAll
  static void stop() {
    if (server != null) {
      server.stop();
    }
  }

  @BeforeEach
  void connect() {
    try (S3Client client =
        S3Client.builder()
            .endpointOverride(URI.create(server.getS3URL()))
            .region(Region.US_EAST_1)
            .forcePathStyle(true)
            .credentialsProvider(
                StaticCredentialsProvider.create(
                    AwsBasicCredentials.create(server.getUserName(), server.getPassword())))
            .build()) {
      client.createBucket(request -> request.bucket(bucket));
    }
    files.initialize(
        Map.of(
            "s3.endpoint",
            server.getS3URL(),
            "s3.access-key-id",
            server.getUserName(),
            "s3.secret-access-key",
            server.getPassword(),
            "s3.path-style-access",
            "true",
            "client.region",
            "us-east-1"));
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
    return "s3://" + bucket + "/lake";
  }
}
