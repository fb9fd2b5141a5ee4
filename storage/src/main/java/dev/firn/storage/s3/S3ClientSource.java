package dev.firn.storage.s3;

import dev.firn.error.ErrorKind;
import dev.firn.error.FirnException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.locks.LockSupport;
import org.apache.iceberg.aws.AssumeRoleAwsClientFactory;
import org.apache.iceberg.aws.AwsClientFactory;
import org.apache.iceberg.aws.AwsClientProperties;
import org.apache.iceberg.aws.AwsProperties;
import org.apache.iceberg.aws.HttpClientProperties;
import org.apache.iceberg.aws.S3FileIOAwsClientFactories;
import org.apache.iceberg.aws.s3.S3FileIOAwsClientFactory;
import org.apache.iceberg.aws.s3.S3FileIOProperties;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.client.builder.AwsSyncClientBuilder;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.client.config.ClientOverrideConfiguration;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.AwsProfileRegionProvider;
import software.amazon.awssdk.regions.providers.AwsRegionProviderChain;
import software.amazon.awssdk.regions.providers.SystemSettingsRegionProvider;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/**
 * Makes clients as Iceberg's properties say, by Iceberg's own classes, with our retries. A factory
 * of the user's own ({@code s3.client-factory-impl}, {@code client.factory}) makes them as it
 * likes. Thread-safe.
 */
final class S3ClientSource {
  /** For one try: a part of an upload on a slow line. A silent line ends much earlier. */
  private static final Duration ATTEMPT_TIMEOUT = Duration.ofMinutes(5);

  /** For all tries of a request, with the waiting between them. */
  private static final Duration TOTAL_TIMEOUT = Duration.ofMinutes(15);

  private static final Duration TAKE_OVER = Duration.ofSeconds(5);

  private final S3Attempts attempts;

  S3ClientSource(S3Attempts attempts) {
    this.attempts = attempts;
  }

  /**
   * A client and the connections under it, owned by whoever opened it; the SDK does not close them.
   */
  record Opened(S3Client client, @Nullable SdkHttpClient connections) implements AutoCloseable {
    @Override
    public void close() {
      client.close();
      if (connections != null) {
        connections.close();
      }
    }
  }

  /**
   * Makes a client.
   *
   * @throws FirnException INVALID where the properties do not suffice
   */
  Opened open(Map<String, String> properties) {
    try {
      return ours(properties) ? build(properties) : foreign(properties);
    } catch (SdkClientException | IllegalArgumentException e) {
      throw new FirnException(
          ErrorKind.INVALID, "Cannot open storage: " + e.getMessage() + remedy(properties), e);
    }
  }

  private static boolean ours(Map<String, String> properties) {
    return !properties.containsKey(S3FileIOProperties.CLIENT_FACTORY)
        && (!properties.containsKey(AwsProperties.CLIENT_FACTORY) || assumesRole(properties));
  }

  private static boolean assumesRole(Map<String, String> properties) {
    return AssumeRoleAwsClientFactory.class
        .getName()
        .equals(properties.get(AwsProperties.CLIENT_FACTORY));
  }

  private static Opened foreign(Map<String, String> properties) {
    Object factory = S3FileIOAwsClientFactories.initialize(properties);
    return new Opened(
        factory instanceof S3FileIOAwsClientFactory own
            ? own.s3()
            : ((AwsClientFactory) factory).s3(),
        null);
  }

  private Opened build(Map<String, String> properties) {
    S3FileIOProperties settings = new S3FileIOProperties(properties);
    AwsClientProperties client = new AwsClientProperties(properties);
    S3ClientBuilder builder =
        S3Client.builder()
            .applyMutation(client::applyClientRegionConfiguration)
            .applyMutation(client::applyLegacyMd5Plugin)
            .applyMutation(settings::applyEndpointConfigurations)
            .applyMutation(settings::applyServiceConfigurations)
            .applyMutation(b -> settings.applyCredentialConfigurations(client, b))
            .applyMutation(settings::applySignerConfiguration)
            .applyMutation(settings::applyS3AccessGrantsConfigurations)
            .applyMutation(settings::applyUserAgentConfigurations)
            // Compatibles choke on checksums that they were not asked about; we send our own.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
    applyRegion(settings, client, builder);
    applyTries(settings, builder);
    SdkHttpClient connections = connections(properties);
    try {
      if (assumesRole(properties)) {
        S3Role.apply(properties, connections, builder);
      }
      return new Opened(builder.httpClient(connections).build(), connections);
    } catch (RuntimeException e) {
      connections.close();
      throw e;
    }
  }

  /** A store that is not AWS rarely cares for its region, which must not be asked of a machine. */
  private static void applyRegion(
      S3FileIOProperties settings, AwsClientProperties client, S3ClientBuilder builder) {
    if (client.clientRegion() == null && settings.endpoint() != null) {
      builder.region(configuredRegion());
    }
  }

  private static Region configuredRegion() {
    try {
      return new AwsRegionProviderChain(
              new SystemSettingsRegionProvider(), new AwsProfileRegionProvider())
          .getRegion();
    } catch (SdkClientException e) {
      return Region.US_EAST_1;
    }
  }

  private void applyTries(S3FileIOProperties settings, S3ClientBuilder builder) {
    ClientOverrideConfiguration before = builder.overrideConfiguration();
    builder.overrideConfiguration(
        (before == null ? ClientOverrideConfiguration.builder() : before.toBuilder())
            .retryStrategy(S3Retries.of(settings))
            .apiCallAttemptTimeout(ATTEMPT_TIMEOUT)
            .apiCallTimeout(TOTAL_TIMEOUT)
            .addExecutionInterceptor(attempts)
            .build());
  }

  /**
   * Connections that all clients of these properties share, counted by Iceberg, which for a moment
   * still has those that the last one of them just closed.
   */
  private static SdkHttpClient connections(Map<String, String> properties) {
    ConnectionsOnly builder = new ConnectionsOnly();
    HttpClientProperties http = new HttpClientProperties(properties);
    long end = System.nanoTime() + TAKE_OVER.toNanos();
    while (true) {
      try {
        http.applyHttpClientConfigurations(builder);
        return Objects.requireNonNull(builder.connections, "connections");
      } catch (IllegalStateException e) {
        if (System.nanoTime() > end) {
          throw e;
        }
        LockSupport.parkNanos(TAKE_OVER.toNanos() / 1000);
      }
    }
  }

  private static String remedy(Map<String, String> properties) {
    return properties.containsKey(AwsClientProperties.CLIENT_REGION)
            || properties.containsKey(S3FileIOProperties.ENDPOINT)
        ? ""
        : "; set client.region, or s3.endpoint for a store that is not AWS";
  }

  /** Takes from Iceberg's properties what only goes into a builder. */
  private static final class ConnectionsOnly
      implements AwsSyncClientBuilder<ConnectionsOnly, SdkHttpClient> {
    private @Nullable SdkHttpClient connections;

    @Override
    public ConnectionsOnly httpClient(SdkHttpClient client) {
      connections = client;
      return this;
    }

    @Override
    @SuppressWarnings("rawtypes") // as the SDK declares it
    public ConnectionsOnly httpClientBuilder(SdkHttpClient.Builder builder) {
      connections = builder.build();
      return this;
    }
  }
}
