package dev.firn.storage.s3;

import dev.firn.storage.StoreMeter;
import java.util.HashMap;
import java.util.Map;
import org.apache.iceberg.aws.s3.S3FileIOAwsClientFactory;
import software.amazon.awssdk.services.s3.S3AsyncClient;
import software.amazon.awssdk.services.s3.S3Client;

/** A factory such as a user may name in {@code s3.client-factory-impl}. */
public final class OwnFactory implements S3FileIOAwsClientFactory {
  private static final long serialVersionUID = 1L;

  private HashMap<String, String> properties = new HashMap<>();

  @Override
  public void initialize(Map<String, String> given) {
    properties = new HashMap<>(given);
    properties.remove("s3.client-factory-impl");
    properties.put("s3.access-key-id", "FACTORY");
  }

  @Override
  public S3Client s3() {
    S3ClientSource source =
        new S3ClientSource(new S3Attempts(new StoreMeter(), new S3Pace(2), false));
    return source.open(properties).client();
  }

  @Override
  public S3AsyncClient s3Async() {
    throw new UnsupportedOperationException("not used");
  }
}
