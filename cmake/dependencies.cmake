# All are Debian 12 packages: libcpprest-dev nlohmann-json3-dev libyaml-cpp-dev prometheus-cpp-dev libsimdjson-dev libpugixml-dev
# libboost-dev libboost-system-dev libssl-dev zlib1g-dev libgtest-dev libgmock-dev
find_package(Threads REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(Boost 1.74 REQUIRED COMPONENTS system)
find_package(cpprestsdk REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(simdjson REQUIRED)
find_package(pugixml REQUIRED)
