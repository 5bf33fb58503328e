import ArgumentParser
import Foundation
import ServedEnvironment
import SimulatedEnvironment
import SocketBridges
import StreamSpaceProtocol

struct ServeAPICommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "api", abstract: "Serves one simulated control-plane replica on a real Redis and a real PostgreSQL.",
    discussion: """
      Example, two replicas that share a hub:
        export JWT_SECRET=$(openssl rand -hex 32) AGENT_BOOTSTRAP_KEY=$(openssl rand -hex 32) ADMIN_PASSWORD=$(openssl rand -hex 8)
        ./sim serve api --name api-1 --port 8001 --redis-url redis://127.0.0.1:6379 \\
          --database-url postgresql://user@127.0.0.1/streamspace --peer api-2=http://127.0.0.1:8002
        ./sim serve api --name api-2 --port 8002 ... --peer api-1=http://127.0.0.1:8001
      Secrets come from the environment: JWT_SECRET (32 characters or more), AGENT_BOOTSTRAP_KEY (64 hexadecimal digits) and
      ADMIN_PASSWORD (8 characters or more, set when the administrator has none yet). It brings the schema up to date,
      answers /health with 503 and the reason until it is ready, and stops in order at SIGTERM or Ctrl-C.
      """)

  @Option(help: "The replica's name, POD_NAME.")
  var name = "api-1"

  @Option(help: "The port to listen on; 0 takes any free one.")
  var port = 8_000

  @Option(help: "The address to listen on.")
  var host = "127.0.0.1"

  @Option(help: "redis://HOST:PORT; without it the replica works alone.")
  var redisURL: String?

  @Option(help: "The database: postgresql://USER:PASSWORD@HOST:PORT/NAME, or any form that libpq takes.")
  var databaseURL: String

  @Option(help: "Another replica, NAME=URL, for viewers whose agent it holds; once for each.")
  var peer: [String] = []

  @Option(help: "kubernetes or docker: where sessions go whose template names neither.")
  var platform = "kubernetes"

  @Flag(help: "Keeps answers and logins in Redis (CACHE_ENABLED).")
  var cache = false

  @Option(help: "contract, or contract+ID with defects switched on.")
  var profile = "contract"

  @Option(help: "Requests a minute and address that agents may make; 0: no limit.")
  var agentRateLimit = 60

  @Option(help: "Seconds that a stop may take, 1 to 600.")
  var shutdownTimeout = 30

  @Option(
    help: "Decides ids and jitter. Without it each start draws one: two replicas of one seed would give the same ids.")
  var seed: UInt64?

  @Flag(help: "Prints one JSON object on standard output once it listens.")
  var json = false

  func validate() throws {
    guard (0...65_535).contains(port) else { throw ValidationError("--port must be 0 to 65535, not \(port)") }
    guard (1...600).contains(shutdownTimeout) else {
      throw ValidationError("--shutdown-timeout must be 1 to 600 seconds, not \(shutdownTimeout)")
    }
    guard agentRateLimit >= 0 else { throw ValidationError("--agent-rate-limit must not be negative") }
    guard !name.isEmpty, name.allSatisfy({ $0.isLetter || $0.isNumber || $0 == "-" }) else {
      throw ValidationError("--name must be letters, digits and hyphens, not '\(name)'")
    }
    guard ["kubernetes", "docker"].contains(platform) else {
      throw ValidationError("--platform must be kubernetes or docker, not \(platform)")
    }
  }

  func run() throws {
    #if Live
      let configuration = try self.configuration()
      let interruption = Interruption()
      let replica: ServedReplica
      do {
        replica = try ServedReplica(configuration, on: .tcp(host: host, port: port))
      } catch {
        complain("error: cannot listen on \(host):\(port) (--host, --port): \(error)")
        throw ExitCode(3)
      }
      if json {
        say(#"{"name":"\#(name)","host":"\#(host)","port":\#(replica.port),"pid":\#(getpid())}"#)
      } else {
        say("\(name) on http://\(host):\(replica.port), until Ctrl-C")
      }
      // A replica may end by itself.
      Thread.detachNewThread { [name] in
        guard let reason = replica.waitForEnd() else { return }
        if !interruption.hasCome {
          complain("error: \(name) has ended: \(reason)")
          Foundation.exit(1)
        }
      }
      interruption.wait()
      if !replica.stop(within: TimeInterval(shutdownTimeout + 10), name: name) {
        complain("error: \(name) did not stop in time")
        throw ExitCode(1)
      }
    #else
      complain("error: serve is built with the package trait Live: use ./sim serve")
      throw ExitCode(3)
    #endif
  }

  #if Live
    private func configuration() throws -> ServedReplica.Configuration {
      let environment = ProcessInfo.processInfo.environment
      guard let secret = environment["JWT_SECRET"], secret.count >= 32 else {
        throw wrong("JWT_SECRET must be set in the environment, 32 characters or more")
      }
      let redis: RedisURL?
      do { redis = try redisURL.map { try RedisURL($0) } } catch { throw wrong("--redis-url \(error)") }
      var configuration = ServedReplica.Configuration(
        name: name, databaseURL: databaseURL, redis: redis, jwtSecret: secret)
      if let key = environment["AGENT_BOOTSTRAP_KEY"], !key.isEmpty {
        guard key.count == 64, key.allSatisfy(\.isHexDigit) else {
          throw wrong("AGENT_BOOTSTRAP_KEY must be 64 hexadecimal digits")
        }
        configuration.bootstrapKey = key
      }
      if let password = environment["ADMIN_PASSWORD"], !password.isEmpty {
        guard password.count >= 8 else { throw wrong("ADMIN_PASSWORD must have 8 characters or more") }
        configuration.adminPassword = password
      }
      for text in peer {
        let halves = text.split(separator: "=", maxSplits: 1).map(String.init)
        guard halves.count == 2, halves[0] != name else {
          throw wrong("--peer must be NAME=URL of another replica, not '\(text)'")
        }
        do {
          configuration.peers.append((halves[0], try BaseURL(halves[1])))
        } catch {
          throw wrong("--peer \(error)")
        }
      }
      do { configuration.profile = try Profile(profile) } catch { throw wrong("--profile: \(error)") }
      configuration.isCacheEnabled = cache
      configuration.platform = platform == "docker" ? .docker : .kubernetes
      configuration.agentRateLimit = agentRateLimit == 0 ? nil : agentRateLimit
      configuration.shutdownTimeout = .seconds(Int64(shutdownTimeout))
      configuration.seed = seed ?? .random(in: .min ... .max)
      return configuration
    }

    private func wrong(_ line: String) -> ExitCode {
      complain("error: \(line)")
      return ExitCode(2)
    }
  #endif
}
