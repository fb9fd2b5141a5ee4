package dev.firn.storage.s3;

import java.util.Map;
import java.util.UUID;
import org.apache.iceberg.aws.AwsProperties;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.sts.StsClient;
import software.amazon.awssdk.services.sts.auth.StsAssumeRoleCredentialsProvider;
import software.amazon.awssdk.services.sts.model.AssumeRoleRequest;

/**
 * Credentials of an assumed role, as Iceberg's {@code AssumeRoleAwsClientFactory} has them.
 * Stateless.
 */
final class S3Role {
  private S3Role() {}

  /**
   * Sets credentials and region.
   *
   * @throws IllegalArgumentException where the role or its region is missing
   */
  static void apply(
      Map<String, String> properties, SdkHttpClient connections, S3ClientBuilder builder) {
    AwsProperties role = new AwsProperties(properties);
    Region region = Region.of(required(properties, AwsProperties.CLIENT_ASSUME_ROLE_REGION));
    String name = role.clientAssumeRoleSessionName();
    AssumeRoleRequest request =
        AssumeRoleRequest.builder()
            .roleArn(required(properties, AwsProperties.CLIENT_ASSUME_ROLE_ARN))
            .roleSessionName(name == null ? "firn-" + UUID.randomUUID() : name)
            .durationSeconds(role.clientAssumeRoleTimeoutSec())
            .externalId(role.clientAssumeRoleExternalId())
            .tags(role.stsClientAssumeRoleTags())
            .build();
    builder
        .region(region)
        .credentialsProvider(
            StsAssumeRoleCredentialsProvider.builder()
                .stsClient(StsClient.builder().httpClient(connections).build())
                .refreshRequest(request)
                .build());
  }

  private static String required(Map<String, String> properties, String key) {
    String value = properties.get(key);
    if (value == null) {
      throw new IllegalArgumentException("a role is to be assumed, and " + key + " is not set");
    }
    return value;
  }
}
