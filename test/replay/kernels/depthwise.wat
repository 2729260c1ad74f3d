  (func (;depthwise_0;) (param i32 i32 i32 i32)
    (local i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 i32 i32 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 i32 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128 v128)
    local.get 2
    i32.load
    local.set 4
    local.get 2
    i32.load offset=4
    local.set 5
    local.get 2
    i32.load offset=8
    local.set 6
    local.get 2
    i32.load offset=12
    local.set 7
    local.get 2
    i32.load offset=16
    local.set 8
    local.get 3
    i32.const 64
    i32.add
    local.set 9
    local.get 9
    i32.const 0
    i32.const 784
    memory.fill
    local.get 0
    local.set 10
    block
      local.get 10
      local.get 1
      i32.ge_s
      br_if 0
      loop
        local.get 10
        i32.const 8
        i32.div_u
        local.set 11
        local.get 10
        i32.const 8
        i32.rem_u
        local.set 12
        local.get 4
        local.get 10
        i32.const 576
        i32.mul
        i32.add
        local.set 13
        local.get 13
        local.set 14
        local.get 9
        i32.const 60
        i32.add
        local.set 15
        local.get 14
        local.set 16
        local.get 15
        local.set 17
        i32.const 0
        local.set 18
        block
          loop
            local.get 17
            local.get 16
            v128.load
            v128.store
            local.get 17
            local.get 16
            v128.load offset=16
            v128.store offset=16
            local.get 17
            local.get 16
            v128.load offset=32
            v128.store offset=32
            local.get 16
            i32.const 48
            i32.add
            local.set 16
            local.get 17
            i32.const 56
            i32.add
            local.set 17
            local.get 18
            i32.const 1
            i32.add
            local.set 18
            local.get 18
            i32.const 12
            i32.lt_s
            br_if 0
          end
        end
        i32.const 0
        local.set 19
        local.get 12
        i32.const 1
        i32.mul
        local.get 19
        i32.add
        local.set 20
        local.get 5
        local.get 12
        i32.const 36
        i32.mul
        i32.add
        local.set 21
        local.get 11
        i32.const 4608
        i32.mul
        local.get 20
        i32.const 576
        i32.mul
        i32.add
        local.set 22
        local.get 7
        local.get 20
        i32.const 4
        i32.mul
        i32.add
        v128.load32_splat
        local.set 23
        local.get 21
        v128.load32_splat
        local.set 24
        local.get 21
        v128.load32_splat offset=4
        local.set 25
        local.get 21
        v128.load32_splat offset=8
        local.set 26
        local.get 21
        v128.load32_splat offset=12
        local.set 27
        local.get 21
        v128.load32_splat offset=16
        local.set 28
        local.get 21
        v128.load32_splat offset=20
        local.set 29
        local.get 21
        v128.load32_splat offset=24
        local.set 30
        local.get 21
        v128.load32_splat offset=28
        local.set 31
        local.get 21
        v128.load32_splat offset=32
        local.set 32
        i32.const 0
        local.set 34
        block
          loop
            local.get 9
            local.get 34
            i32.const 4
            i32.mul
            i32.add
            local.set 35
            local.get 22
            i32.const 0
            i32.add
            local.get 34
            i32.const 4
            i32.mul
            i32.add
            local.set 36
            local.get 24
            local.get 35
            v128.load
            f32x4.mul
            local.set 39
            local.get 25
            local.get 35
            v128.load offset=4
            local.get 39
            f32x4.relaxed_madd
            local.set 40
            local.get 26
            local.get 35
            v128.load offset=8
            local.get 40
            f32x4.relaxed_madd
            local.set 41
            local.get 27
            local.get 35
            v128.load offset=56
            local.get 41
            f32x4.relaxed_madd
            local.set 42
            local.get 28
            local.get 35
            v128.load offset=60
            local.get 42
            f32x4.relaxed_madd
            local.set 43
            local.get 29
            local.get 35
            v128.load offset=64
            local.get 43
            f32x4.relaxed_madd
            local.set 44
            local.get 44
            local.set 37
            local.get 24
            local.get 35
            v128.load offset=56
            f32x4.mul
            local.set 45
            local.get 25
            local.get 35
            v128.load offset=60
            local.get 45
            f32x4.relaxed_madd
            local.set 46
            local.get 26
            local.get 35
            v128.load offset=64
            local.get 46
            f32x4.relaxed_madd
            local.set 47
            local.get 47
            local.set 38
            i32.const 0
            local.set 33
            block
              loop
                local.get 8
                local.get 36
                i32.add
                local.set 48
                local.get 35
                v128.load offset=112
                local.set 49
                local.get 35
                v128.load offset=116
                local.set 50
                local.get 35
                v128.load offset=120
                local.set 51
                local.get 30
                local.get 49
                local.get 37
                f32x4.relaxed_madd
                local.set 52
                local.get 31
                local.get 50
                local.get 52
                f32x4.relaxed_madd
                local.set 53
                local.get 32
                local.get 51
                local.get 53
                f32x4.relaxed_madd
                local.set 54
                local.get 27
                local.get 49
                local.get 38
                f32x4.relaxed_madd
                local.set 55
                local.get 28
                local.get 50
                local.get 55
                f32x4.relaxed_madd
                local.set 56
                local.get 29
                local.get 51
                local.get 56
                f32x4.relaxed_madd
                local.set 57
                local.get 57
                local.set 37
                local.get 24
                local.get 49
                f32x4.mul
                local.set 58
                local.get 25
                local.get 50
                local.get 58
                f32x4.relaxed_madd
                local.set 59
                local.get 26
                local.get 51
                local.get 59
                f32x4.relaxed_madd
                local.set 60
                local.get 60
                local.set 38
                local.get 35
                i32.const 56
                i32.add
                local.set 35
                local.get 54
                local.get 23
                f32x4.add
                v128.const i32x4 0x00000000 0x00000000 0x00000000 0x00000000
                f32x4.pmax
                local.set 61
                local.get 48
                local.get 61
                v128.store
                local.get 36
                i32.const 48
                i32.add
                local.set 36
                local.get 33
                i32.const 1
                i32.add
                local.set 33
                local.get 33
                i32.const 12
                i32.lt_s
                br_if 0
              end
            end
            local.get 34
            i32.const 4
            i32.add
            local.set 34
            local.get 34
            i32.const 12
            i32.lt_s
            br_if 0
          end
        end
        local.get 10
        i32.const 1
        i32.add
        local.set 10
        local.get 10
        local.get 1
        i32.lt_s
        br_if 0
      end
    end
  )
